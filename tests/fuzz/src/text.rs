//! Text that people type, readers send and lists carry: zones, dates, names; names of a bundle's files.

use crate::Answer;
use jiff::civil::Date;
use page::source::framing::{BlockCheck, Framed, Framer};
use rules::date::PartialDate;
use rules::mrz::Zone;
use seal::bundle::items;
use seal::bundle::software::SoftwareFile;

const TODAY: Date = jiff::civil::date(2026, 9, 1);

/// Zone text: parsed, taken apart, checked.
pub(crate) fn zone(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let Ok(zone) = Zone::parse(&text) else {
        return Answer::Refused;
    };
    let format = zone.format();
    assert_eq!(zone.lines().len(), format.line_count());
    for line in zone.lines() {
        assert_eq!(line.len(), format.line_length());
    }
    assert_eq!(Zone::from_lines(zone.lines()).as_ref(), Ok(&zone));
    let fields = zone.fields();
    assert!(!fields.surname.contains('<') && !fields.given_names.contains('<'));
    assert!(!zone.checks(TODAY).is_empty());
    let birth = fields.birth(TODAY);
    assert!(birth.complete().is_none_or(|day| day <= TODAY), "{birth}");
    let _ = (fields.expiry(TODAY), fields.age_years(TODAY));
    let _ = (fields.stated_sex(), fields.name_truncated());
    Answer::Understood
}

/// What stands for a pause in the bytes of a swipe reader.
const SILENCE: u8 = 0xFF;

/// A swipe reader's bytes. The first says whether its frames carry a check byte.
pub(crate) fn swipe(bytes: &[u8]) -> Answer {
    let Some((how, sent)) = bytes.split_first() else {
        return Answer::Refused;
    };
    let mut framer = Framer::new(match how & 1 {
        0 => BlockCheck::None,
        _ => BlockCheck::Lrc,
    });
    let mut zones = 0;
    for byte in sent.iter().copied().chain([SILENCE]) {
        let framed = match byte {
            SILENCE => framer.quiet(),
            byte => framer.take(byte),
        };
        if let Some(Framed::Zone(text)) = framed {
            assert!(Zone::parse(&text).is_ok(), "{text:?}");
            zones += 1;
        }
    }
    assert!(!framer.is_waiting(), "silence ends everything");
    Answer::of(zones > 0)
}

/// A date as it is typed and sent, and as a zone prints it.
pub(crate) fn date(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let _ = rules::date::birth(&text, TODAY);
    let _ = rules::date::expiry(&text, TODAY);
    let Ok(date) = text.parse::<PartialDate>() else {
        return Answer::Refused;
    };
    assert_eq!(date.to_string().parse().as_ref(), Ok(&date), "{text:?}");
    assert!(date.may_be(&date));
    if let (Some(day), Some(latest)) = (date.complete(), date.latest()) {
        assert_eq!(day, latest);
    }
    Answer::Understood
}

/// Two names, one a line, compared both ways.
pub(crate) fn names(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let Some((one, other)) = text.split_once('\n') else {
        return Answer::Refused;
    };
    let there = watchlist::names::compare(one, other).score;
    let back = watchlist::names::compare(other, one).score;
    assert!((0.0..=1.0).contains(&there), "{there}: {text:?}");
    assert!((there - back).abs() < 1e-4, "{there} {back}: {text:?}");
    Answer::Understood
}

/// The name of a file of a bundle, and of a package of the programs among them.
pub(crate) fn target_name(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let _ = items::own_name(&text);
    let Some(item) = items::parse(&text) else {
        return Answer::Refused;
    };
    assert_eq!(item.to_string(), text);
    if let Some(package) = SoftwareFile::of_target(&text) {
        assert!(text.ends_with(&package.to_string()), "{text:?}");
    }
    Answer::Understood
}
