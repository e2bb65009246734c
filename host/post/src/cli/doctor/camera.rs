//! Cameras, each opened as the desk opens it.

use super::{Kind, PartObject};
use crate::devices::SourceName;
use page::source::{Content, Next, Sight};
use std::time::Duration;

/// How long a camera may take for its first frame.
const PATIENCE: Duration = Duration::from_secs(5);
/// A frame of which no pixel is lighter shows nothing.
const BLACK: u8 = 6;

/// The camera: the bench's is a folder of pictures.
pub(super) fn bench() -> PartObject {
    PartObject::fine(
        "camera",
        "a folder of pictures (serve --camera, --scenes, uploads)",
    )
    .of(Kind::Simulated)
}

/// A camera that was named: it is opened, and gives a frame that shows something.
pub(super) fn at(name: &SourceName) -> PartObject {
    const PART: &str = "camera";
    let seen = name.open().and_then(|mut source| source.next(PATIENCE));
    match seen {
        Ok(Next::Sight(Sight {
            name,
            content: Content::Frame(picture),
        })) => {
            let detail = format!("{name}: {} by {}", picture.width(), picture.height());
            let black = picture
                .rgb()
                .pixels()
                .all(|p| p.0.iter().all(|v| *v < BLACK));
            if black {
                PartObject::wrong(
                    PART,
                    format!("{detail}, and all of it is black"),
                    "take the cap off the lens; light a lamp and look again",
                )
            } else {
                PartObject::fine(PART, detail)
            }
        }
        Ok(_) => PartObject::wrong(PART, "it gives no frame", "check its cable"),
        Err(e) => PartObject::wrong(
            PART,
            e.to_string(),
            "check its cable, its name, and that no other program holds it",
        ),
    }
}
