//! The real weights and the portraits that tests of faces are made of.

use image::{Rgb, RgbImage, imageops};
use models::Folder;
use models::face::FaceEngine;
use page::Picture;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The models and portraits that `mpaka-models fetch` brings, where they are there.
pub(crate) fn folder() -> Option<Folder> {
    match Folder::resolve(None) {
        Ok(folder) => Some(folder),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

/// Both networks, loaded once.
pub(crate) fn engine() -> Option<&'static FaceEngine> {
    static ENGINE: OnceLock<Option<FaceEngine>> = OnceLock::new();
    ENGINE
        .get_or_init(|| folder().map(|folder| FaceEngine::load(&folder).unwrap()))
        .as_ref()
}

/// An official portrait in the public domain.
pub(crate) fn portrait(name: &str) -> Option<Picture> {
    let path: PathBuf = folder()?.path().join("portraits").join(name);
    if path.exists() {
        Some(Picture::open(&path).unwrap())
    } else {
        eprintln!("skipped: {} is absent", path.display());
        None
    }
}

/// The portrait on a canvas of `width` by `height`, `head` pixels high.
pub(crate) fn on_canvas(picture: &Picture, width: u32, height: u32, head: u32) -> Picture {
    let wide = picture.width() * head / picture.height();
    let small = imageops::resize(picture.rgb(), wide, head, imageops::Nearest);
    let mut canvas = RgbImage::from_pixel(width, height, Rgb([190; 3]));
    imageops::overlay(
        &mut canvas,
        &small,
        i64::from((width - wide) / 2),
        i64::from((height - head) / 2),
    );
    Picture::from_rgb(canvas)
}
