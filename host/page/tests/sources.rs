//! Sights from files, folders and videos, as a caller gets them.
#![allow(clippy::unwrap_used, clippy::panic)]

use image::{ImageFormat, Rgb, RgbImage};
use mpaka_page::PictureError;
use mpaka_page::source::folder::{SETTLED, newest};
use mpaka_page::source::{
    Camera, CameraAt, Content, Folder, Next, Reach, Sight, Source, SourceError, Stills, Video,
};
use opencv::core::{Mat, Scalar, Size};
use opencv::prelude::*;
use opencv::videoio::{CAP_FFMPEG, VideoWriter};
use std::io::{Cursor, Write};
use std::path::Path;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(20);

fn png(shade: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_fn(80, 60, |x, y| Rgb([shade, x as u8, y as u8]))
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

/// The next sight's name without its folder, and its upper left pixel.
fn sight(source: &mut dyn Source) -> (String, [u8; 3]) {
    match source.next(SOON) {
        Ok(Next::Sight(Sight {
            name,
            content: Content::Frame(picture),
        })) => {
            let name = name.rsplit('/').next().unwrap().to_owned();
            (name, picture.rgb().get_pixel(0, 0).0)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn stills_come_in_their_order_and_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("b.png"), png(7)).unwrap();
    std::fs::write(path("a.jpg"), png(9)).unwrap();
    std::fs::write(path("c.png"), b"no picture").unwrap();
    let mut stills = Stills::new(["b.png", "c.png", "none.png", "a.jpg"].map(path));
    assert_eq!(sight(&mut stills), ("b.png".into(), [7, 0, 0]));
    for says in ["c.png", "none.png"] {
        let error = stills.next(SOON).unwrap_err();
        assert_eq!(error.reach(), Reach::OneSight);
        assert_eq!(error.to_string().matches(says).count(), 1, "{error}");
    }
    assert_eq!(sight(&mut stills), ("a.jpg".into(), [9, 0, 0]));
    for _ in 0..2 {
        assert_eq!(stills.next(Duration::ZERO).unwrap(), Next::Ended);
    }
}

#[test]
fn a_folder_gives_what_lies_there_and_what_comes() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for other in [".hidden.png", "notes.txt", "page.png.part"] {
        std::fs::write(path(other), png(1)).unwrap();
    }
    std::fs::create_dir(path("sub.png")).unwrap();
    std::fs::write(path("first.png"), png(2)).unwrap();
    let mut source = Folder::open(folder.path()).unwrap();
    assert_eq!(sight(&mut source), ("first.png".into(), [2, 0, 0]));
    assert_eq!(
        source.next(Duration::from_millis(250)).unwrap(),
        Next::NothingYet
    );
    std::fs::write(path("second.PNG"), png(3)).unwrap();
    assert_eq!(sight(&mut source), ("second.PNG".into(), [3, 0, 0]));
    // Renamed into its place, as a careful program does.
    std::fs::rename(path(".hidden.png"), path("third.png")).unwrap();
    assert_eq!(sight(&mut source).0, "third.png");
    // The same name again is another picture.
    std::fs::write(path("first.png"), [png(4), vec![0]].concat()).unwrap();
    assert_eq!(sight(&mut source), ("first.png".into(), [4, 0, 0]));
    assert_eq!(source.next(Duration::ZERO).unwrap(), Next::NothingYet);
}

/// Writes a file piece by piece and sees that it is not given before the last; `false` where this machine stood still
/// between two pieces for as long as a finished file does.
fn grows(source: &mut Folder, path: &Path, bytes: &[u8]) -> bool {
    let mut changed = Instant::now();
    let mut file = std::fs::File::create(path).unwrap();
    for piece in bytes.chunks(bytes.len().div_ceil(5)) {
        let next = source.next(Duration::from_millis(350));
        // Times of files are coarser than those of the clock.
        if changed.elapsed() + Duration::from_millis(100) >= SETTLED {
            return false;
        }
        assert_eq!(next.unwrap(), Next::NothingYet);
        changed = Instant::now();
        file.write_all(piece).unwrap();
        file.flush().unwrap();
    }
    true
}

#[test]
fn a_picture_counts_once_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = Folder::open(folder.path()).unwrap();
    let path = folder.path().join("slow.png");
    let bytes = png(5);
    while !grows(&mut source, &path, &bytes) {
        std::fs::remove_file(&path).unwrap();
        assert_eq!(source.next(Duration::ZERO).unwrap(), Next::NothingYet);
    }
    assert_eq!(sight(&mut source), ("slow.png".into(), [5, 0, 0]));
}

#[test]
fn what_stays_half_is_said_once_and_the_rest_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = Folder::open(folder.path()).unwrap();
    std::fs::write(folder.path().join("half.png"), &png(5)[..200]).unwrap();
    std::fs::write(folder.path().join("whole.png"), png(6)).unwrap();
    // In whichever order: on a machine that stood still for a while the half one is as old as the whole one.
    let (mut whole, mut half) = (0, 0);
    while whole + half < 2 {
        match source.next(SOON) {
            Ok(Next::Sight(Sight { name, .. })) if name.ends_with("whole.png") => whole += 1,
            Err(SourceError::Picture {
                name,
                source: PictureError::Damaged(_),
            }) if name.ends_with("half.png") => half += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((whole, half), (1, 1));
    assert_eq!(
        source.next(Duration::from_millis(300)).unwrap(),
        Next::NothingYet
    );
}

#[test]
fn the_newest_is_a_file_whatever_else_bears_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    assert_eq!(newest(folder.path(), "page").unwrap(), None);
    std::fs::write(path("page.png"), png(7)).unwrap();
    std::fs::write(path("other.png"), png(9)).unwrap();
    // Younger: a folder, and a draft that its writer has taken away between two looks.
    std::fs::create_dir(path("page")).unwrap();
    std::os::unix::fs::symlink(path("gone"), path("page.tmp")).unwrap();
    let found = newest(folder.path(), "page").unwrap();
    assert_eq!(found, Some(path("page.png")));
}

#[test]
fn a_folder_that_goes_away_is_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = Folder::open(folder.path()).unwrap();
    folder.close().unwrap();
    assert_eq!(source.next(SOON).unwrap_err().reach(), Reach::WholeSource);
    assert!(matches!(
        Folder::open("/nowhere"),
        Err(SourceError::Unreachable { .. })
    ));
}

/// A video of so many frames, each of one shade of grey: 40, 60, 80 …
fn film(path: &Path, frames: u32) {
    let fourcc = VideoWriter::fourcc('M', 'J', 'P', 'G').unwrap();
    let size = Size::new(160, 120);
    let mut writer =
        VideoWriter::new_with_backend(path.to_str().unwrap(), CAP_FFMPEG, fourcc, 10.0, size, true)
            .unwrap();
    assert!(writer.is_opened().unwrap(), "OpenCV writes MJPG in AVI");
    for frame in 0..frames {
        let shade = f64::from(40 + 20 * frame);
        // Blue, green, red: a little more red than blue.
        let colour = Scalar::new(shade, shade, shade + 15.0, 0.0);
        let picture =
            Mat::new_rows_cols_with_default(120, 160, opencv::core::CV_8UC3, colour).unwrap();
        writer.write(&picture).unwrap();
    }
    writer.release().unwrap();
}

#[test]
fn a_video_gives_every_frame_once_with_its_colours() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a ! film.avi");
    film(&path, 8);
    let mut video = Video::open(&path).unwrap();
    for frame in 0..8u8 {
        let (name, [r, g, b]) = sight(&mut video);
        assert_eq!(name, format!("a ! film.avi#{}", frame + 1));
        let shade = 40 + 20 * frame;
        assert!(g.abs_diff(shade) < 8 && r > b + 8, "{frame}: {r} {g} {b}");
    }
    for _ in 0..2 {
        assert_eq!(video.next(SOON).unwrap(), Next::Ended);
    }
}

#[test]
fn what_is_no_video_is_refused_and_a_torn_one_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    assert!(matches!(
        Video::open(path("none.avi")),
        Err(SourceError::Unreachable { .. })
    ));
    assert!(matches!(
        Video::open("http://127.0.0.1:9/a.avi"),
        Err(SourceError::Unreachable { .. })
    ));
    assert!(matches!(
        Video::open(folder.path()),
        Err(SourceError::NotOpened { .. })
    ));
    for (name, bytes) in [
        ("empty.avi", &b""[..]),
        ("text.avi", b"no video"),
        ("zeros.avi", &[0; 5000]),
    ] {
        std::fs::write(path(name), bytes).unwrap();
        match Video::open(path(name)) {
            Err(SourceError::NotOpened { .. }) => {}
            Ok(mut video) => assert!(video.next(SOON).is_err(), "{name}"),
            Err(other) => panic!("{name}: {other}"),
        }
    }
    film(&path("whole.avi"), 8);
    let whole = std::fs::read(path("whole.avi")).unwrap();
    for part in 1..16 {
        std::fs::write(path("torn.avi"), &whole[..whole.len() * part / 16]).unwrap();
        let Ok(mut video) = Video::open(path("torn.avi")) else {
            continue;
        };
        let mut frames = 0;
        while let Ok(Next::Sight(_)) = video.next(SOON) {
            frames += 1;
            assert!(frames <= 8, "{part} sixteenths");
        }
    }
}

#[test]
fn a_camera_that_is_not_there_says_so() {
    for name in [
        "97",
        "/dev/video97",
        "no-such-part ! appsink",
        "videotestsrc",
    ] {
        let Ok(at) = name.parse::<CameraAt>();
        let error = Camera::open(at).unwrap_err();
        assert!(matches!(error, SourceError::NotOpened { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn a_pipeline_gives_its_newest_frame_and_ends() {
    let pipeline = "videotestsrc num-buffers=30 pattern=red is-live=true ! video/x-raw,format=BGR,width=64,height=48,framerate=30/1 ! appsink";
    let Ok(at) = pipeline.parse::<CameraAt>();
    let mut camera = match Camera::open(at) {
        Ok(camera) => camera,
        Err(e) => {
            let built = opencv::core::get_build_information().unwrap();
            let with = built
                .lines()
                .any(|l| l.contains("GStreamer") && l.contains("YES"));
            eprintln!(
                "skipped: no GStreamer test source here (OpenCV built with GStreamer: {with}): {e}"
            );
            return;
        }
    };
    let (_, [r, g, b]) = sight(&mut camera);
    assert!(r > 200 && g < 60 && b < 60, "{r} {g} {b}");
    // Whoever comes late gets the newest frame and none of those before it: fewer frames are given than were taken
    // in, however fast this machine is.
    let (mut given, mut last) = (1, 0);
    let begun = Instant::now();
    loop {
        // Longer than a frame lasts.
        std::thread::sleep(Duration::from_millis(120));
        match camera.next(SOON).unwrap() {
            Next::Sight(Sight { name, .. }) => {
                let number: u32 = name.rsplit('#').next().unwrap().parse().unwrap();
                assert!(number > last, "{name} after {last}");
                (given, last) = (given + 1, number);
            }
            Next::Ended => break,
            Next::NothingYet => {}
        }
        assert!(begun.elapsed() < 3 * SOON, "thirty frames end");
    }
    assert!(last > given, "{given} frames were given of {last}");
}
