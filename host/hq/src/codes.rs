//! Codes with which boxes enrol themselves: drawn for one post, good for some days, told to the technician there. See
//! [`seal::code`] for what goes over the wire and why it may be read by others.
//!
//! A code takes in one box. The same box may ask again with it for an hour, as where the answer was lost; another box
//! finds the post enrolled.

use crate::HqError;
use crate::acts::{self, Act, Phase};
use crate::admission;
use crate::ceremony::days_after;
use crate::home::Home;
use crate::office::Office;
use crate::register::{Register, Standing, parsed, parsed_or_none};
use jiff::{SignedDuration, Timestamp};
use rules::PostId;
use rusqlite::{OptionalExtension, params};
use seal::SealError;
use seal::code::{Asked, Code, CodeKey, Given};
use seal::device::Enrolment;
use serde::Serialize;
use serde_json::json;

/// For so long after it has taken a box in a code does so again.
const AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// A code as it is shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drawn {
    /// The post.
    pub post: PostId,
    /// The code.
    pub code: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// Why a box that showed a code was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum NotAdmitted {
    /// It is no question of a box.
    #[error(transparent)]
    Malformed(SealError),
    /// No good code, the wrong one, or another box of the post: which of these, it is not told.
    #[error("no code that is good takes this box in")]
    Refused,
    /// Headquarters failed.
    #[error(transparent)]
    Failed(#[from] HqError),
}

/// Draws a code for a post; an earlier one of the post is good no more.
///
/// # Errors
/// [`HqError::PostEnrolled`] where a box is in service there, [`HqError::PostLeft`] where it was revoked or retired,
/// and what the databases say.
pub fn draw(home: &Home, post: &PostId, days: u32, now: Timestamp) -> Result<Drawn, HqError> {
    if let Some(enrolled) = Register::open(home)?.post(post)? {
        return Err(match enrolled.standing {
            Standing::Active => HqError::PostEnrolled { post: post.clone() },
            left => HqError::PostLeft {
                post: post.clone(),
                standing: left.as_str(),
            },
        });
    }
    let code = Code::draw()?;
    let expires_at = days_after(now, days);
    let office = Office::open(home)?;
    office
        .connection
        .execute(
            "INSERT OR REPLACE INTO code VALUES (?1, ?2, ?3, NULL)",
            params![post.as_str(), code.key().bytes(), expires_at.to_string()],
        )
        .map_err(office.failed())?;
    Ok(Drawn {
        post: post.clone(),
        code: code.to_string(),
        expires_at,
    })
}

/// Takes a box in that knows its post's code: registers it, and gives it everything that it needs of headquarters.
///
/// # Errors
/// [`NotAdmitted`].
pub fn admit(
    home: &Home,
    asked: &[u8],
    lease_days: u32,
    now: Timestamp,
) -> Result<Vec<u8>, NotAdmitted> {
    let asked = Asked::from_bytes(asked).map_err(NotAdmitted::Malformed)?;
    let post = asked.post();
    let key = good_code(home, post, now)?.ok_or(NotAdmitted::Refused)?;
    let enrolment = asked
        .enrolment(&key)
        .and_then(Enrolment::from_bytes)
        .map_err(|_| NotAdmitted::Refused)?;
    if enrolment.post() != post {
        return Err(NotAdmitted::Refused);
    }
    let line = |phase| Act {
        at: now,
        by: "code".into(),
        act: "enrol".into(),
        phase,
        detail: json!({ "post": post, "device": enrolment.device().to_string() }),
    };
    acts::write(home, &line(Phase::Begun))?;
    let given = take_in(home, &enrolment, lease_days, now);
    let phase = match &given {
        Ok(_) => Phase::Done,
        Err(_) => Phase::Failed,
    };
    acts::write(home, &line(phase))?;
    match given {
        Ok(given) => Ok(given.to_bytes(&asked, &key)),
        Err(HqError::PostEnrolled { .. } | HqError::PostLeft { .. }) => Err(NotAdmitted::Refused),
        Err(e) => Err(e.into()),
    }
}

fn take_in(
    home: &Home,
    enrolment: &Enrolment,
    lease_days: u32,
    now: Timestamp,
) -> Result<Given, HqError> {
    Register::open(home)?.enrol(enrolment, now)?;
    let office = Office::open(home)?;
    office
        .connection
        .execute(
            "UPDATE code SET used_at = coalesce(used_at, ?2) WHERE post = ?1",
            params![enrolment.post().as_str(), now.to_string()],
        )
        .map_err(office.failed())?;
    let file = |path: std::path::PathBuf| std::fs::read(&path).map_err(HqError::io(path));
    Ok(Given {
        hq_public: file(home.public())?,
        root: file(home.first_root())?,
        admission: admission::admit(home, enrolment, lease_days, now)?,
    })
}

/// The key of a post's code, where it has one that is good.
fn good_code(home: &Home, post: &PostId, now: Timestamp) -> Result<Option<CodeKey>, HqError> {
    let office = Office::open(home)?;
    let found: Option<([u8; 32], Timestamp, Option<Timestamp>)> = office
        .connection
        .query_row(
            "SELECT secret, expires_at, used_at FROM code WHERE post = ?1",
            [post.as_str()],
            |row| Ok((row.get(0)?, parsed(row, 1)?, parsed_or_none(row, 2)?)),
        )
        .optional()
        .map_err(office.failed())?;
    let good = found.filter(|(_, expires_at, used_at)| {
        now < *expires_at && used_at.is_none_or(|used| now.duration_since(used) < AGAIN)
    });
    Ok(good.map(|(secret, ..)| CodeKey::from_bytes(secret)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use seal::device::DeviceKey;
    use seal::hq::HqPrivate;
    use seal::sealing::SealingKey;
    use std::path::Path;

    /// A headquarters with keys and something in the place of a root.
    fn headquarters(folder: &Path) -> Home {
        let home = Home::make(&folder.join("hq")).unwrap();
        let keys = HqPrivate::open_or_create(&home.private()).unwrap();
        keys.public().write(&home.public()).unwrap();
        std::fs::create_dir_all(home.roots()).unwrap();
        std::fs::write(home.first_root(), "{}").unwrap();
        home
    }

    fn asked(folder: &Path, name: &str, post: &str, code: &str) -> (Asked, CodeKey) {
        let path = |what: &str| folder.join(format!("{name}-{what}"));
        let device = DeviceKey::open_or_create(&path("device")).unwrap();
        let sealing = SealingKey::open_or_create(&path("sealing")).unwrap();
        let post = PostId::new(post).unwrap();
        let file = path("public");
        Enrolment::new(post.clone(), &device, sealing.public())
            .write(&file)
            .unwrap();
        let key = code.parse::<Code>().unwrap().key();
        (Asked::new(post, std::fs::read(file).unwrap(), &key), key)
    }

    #[test]
    fn a_code_takes_in_one_box_of_its_post_in_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let home = headquarters(folder.path());
        let now: Timestamp = "2026-11-29T10:00:00Z".parse().unwrap();
        let hours = |n: i64| now + SignedDuration::from_hours(n);
        let post = PostId::new("BUSIA").unwrap();
        let drawn = draw(&home, &post, 7, now).unwrap();
        let ask = |asked: &Asked, at| admit(&home, &asked.to_bytes(), 30, at);
        let refused = |asked: &Asked, at| matches!(ask(asked, at), Err(NotAdmitted::Refused));

        let (mine, key) = asked(folder.path(), "mine", "BUSIA", &drawn.code);
        let (other, _) = asked(folder.path(), "other", "BUSIA", &drawn.code);
        let (elsewhere, _) = asked(folder.path(), "mine", "MALABA", &drawn.code);
        let strange = Code::draw().unwrap().to_string();
        let (guess, _) = asked(folder.path(), "mine", "BUSIA", &strange);
        assert!(refused(&elsewhere, now) && refused(&guess, now));
        assert!(refused(&mine, hours(7 * 24)), "too late");
        assert!(Register::open(&home).unwrap().posts().unwrap().is_empty());

        let given = Given::from_bytes(&ask(&mine, now).unwrap(), &mine, &key).unwrap();
        assert_eq!(given.root, b"{}");
        assert_eq!(
            Register::open(&home).unwrap().posts().unwrap()[0].post,
            post
        );
        // The answer was lost: asked again soon, it comes again. Another box of the post does not get in.
        assert!(ask(&mine, now).is_ok());
        assert!(refused(&other, now));
        assert!(refused(&mine, hours(2)));
        assert!(matches!(
            draw(&home, &post, 7, now),
            Err(HqError::PostEnrolled { .. })
        ));
        assert!(matches!(
            admit(&home, b"no question", 30, now),
            Err(NotAdmitted::Malformed(_))
        ));
    }

    #[test]
    fn a_new_code_ends_the_one_before_and_neither_lies_open() {
        let folder = tempfile::tempdir().unwrap();
        let home = headquarters(folder.path());
        let now: Timestamp = "2026-11-29T10:00:00Z".parse().unwrap();
        let post = PostId::new("BUSIA").unwrap();
        let first = draw(&home, &post, 7, now).unwrap();
        let second = draw(&home, &post, 7, now).unwrap();
        let (old, _) = asked(folder.path(), "mine", "BUSIA", &first.code);
        let (new, _) = asked(folder.path(), "mine", "BUSIA", &second.code);
        let refused = admit(&home, &old.to_bytes(), 30, now);
        assert!(matches!(refused, Err(NotAdmitted::Refused)));
        assert!(admit(&home, &new.to_bytes(), 30, now).is_ok());
        let office = Office::open(&home).unwrap();
        let secret: Vec<u8> = office
            .connection
            .query_row("SELECT secret FROM code", [], |row| row.get(0))
            .unwrap();
        let plain = second.code.replace('-', "");
        assert_ne!(secret, plain.as_bytes());
        let ledger = std::fs::read_to_string(home.acts()).unwrap();
        assert!(ledger.contains("BUSIA") && !ledger.contains(&second.code));
    }
}
