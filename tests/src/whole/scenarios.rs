//! The travellers of the demo: each tries one thing that a border post must get right.

use rules::{Advice, ReasonCode};

/// Which of the fetched public-domain portraits a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sitter {
    /// The first sitter as photographed for the document.
    First,
    /// The first sitter on another day.
    FirstAgain,
    /// Another person.
    Second,
}

impl Sitter {
    /// The portrait's file in the models folder's `portraits/`.
    #[must_use]
    pub(super) fn file(self) -> &'static str {
        match self {
            Self::First => "obama.jpg",
            Self::FirstAgain => "obama2.jpg",
            Self::Second => "biden.jpg",
        }
    }
}

/// What is wrong with the page, if anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing.
    None,
    /// The check digit of the date of birth does not fit.
    CheckDigit,
    /// The zone is washed out and cannot be read.
    Unreadable,
}

/// What the document's chip holds, as a reader's own program leaves its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChipStory {
    /// No chip was read.
    None,
    /// What Utopia signed.
    Genuine,
    /// Another portrait in the place of the one that Utopia signed.
    AnotherFace,
    /// Signed by a state whose country signer this box does not know.
    UnknownState,
    /// The reader looked, and nothing answered.
    Silent,
}

/// One traveller of the demo.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// A short name for files; its number is the traveller's place in the queue.
    pub name: &'static str,
    /// What is tried, for a newcomer.
    pub story: &'static str,
    /// The document's format.
    pub format: rules::mrz::Format,
    /// Document number.
    pub number: &'static str,
    /// Surname in capitals.
    pub surname: &'static str,
    /// Given names in capitals.
    pub given_names: &'static str,
    /// The holder's nationality or status, three letters.
    pub nationality: &'static str,
    /// Date of birth, `YYYY-MM-DD`.
    pub birth: &'static str,
    /// Date of expiry, `YYYY-MM-DD`.
    pub expiry: &'static str,
    /// Whose portrait is printed on the page.
    pub portrait: Sitter,
    /// Who stands before the camera; nobody where `None`.
    pub live: Option<Sitter>,
    /// What is wrong with the page.
    pub flaw: Flaw,
    /// What the chip holds.
    pub chip: ChipStory,
    /// What the machine must advise.
    pub advice: Advice,
    /// The strongest reason it must give the first line; none for `Clear`, and of a discreet entry.
    pub reason: Option<ReasonCode>,
}

/// The persons on the demo's list. One is written as the Somali spelling of a name that a traveller carries in another.
pub const LISTED_PERSONS: &str = "\
entry,names,birth,sex,nationality,documents,action,handling,expires
UTO-P-0001,Yusuf Abdirahman Ali|Yuusuf Cabdiraxmaan Cali,1983-02-14,M,UTO,,refer,open,2031-12-31
UTO-P-0002,Sergei Petrovich Volkov,1971,M,UTO,,refer,open,2031-12-31
UTO-P-0003,Maria Fernanda Castillo,1990-11-02,F,UTO,,refer,open,2031-12-31
UTO-P-0004,Tobias Ngugi Mwangaza,1979-03-30,M,UTO,,speak to him alone,discreet,2031-12-31
";

/// The documents on the demo's list: reported stolen.
pub const LISTED_DOCUMENTS: &str = "\
number,state,type,entry
U44129075,UTO,P,UTO-D-0001
U44129076,UTO,P,UTO-D-0002
C10020030,UTO,I,UTO-D-0003
";

/// Every traveller of the demo, in the order of the report.
#[must_use]
pub fn all() -> Vec<Scenario> {
    use rules::mrz::Format::{MrvA, Td1, Td3};
    let ordinary = Scenario {
        name: "1-right-person",
        story: "the right person, a good passport",
        format: Td3,
        number: "U10000017",
        surname: "KIMANI",
        given_names: "DAVID OTIENO",
        nationality: "UTO",
        birth: "1971-08-04",
        expiry: "2031-05-20",
        portrait: Sitter::First,
        live: Some(Sitter::FirstAgain),
        flaw: Flaw::None,
        chip: ChipStory::None,
        advice: Advice::Clear,
        reason: None,
    };
    vec![
        ordinary.clone(),
        Scenario {
            name: "2-right-person-card",
            story: "the right person, an identity card",
            format: Td1,
            number: "C10000025",
            ..ordinary.clone()
        },
        Scenario {
            name: "3-another-face",
            story: "another person's face before the camera",
            number: "U10000033",
            live: Some(Sitter::Second),
            advice: Advice::Look,
            reason: Some(ReasonCode::FaceDiffers),
            ..ordinary.clone()
        },
        Scenario {
            name: "4-nobody",
            story: "nobody before the camera",
            number: "U10000041",
            live: None,
            advice: Advice::Look,
            reason: Some(ReasonCode::FaceNotCompared),
            ..ordinary.clone()
        },
        Scenario {
            name: "5-listed-document",
            story: "a passport reported stolen",
            number: "U44129075",
            advice: Advice::Refer,
            reason: Some(ReasonCode::DocumentListed),
            ..ordinary.clone()
        },
        Scenario {
            name: "6-listed-name",
            story: "a listed name in another spelling",
            number: "U10000058",
            surname: "ALI",
            given_names: "YUSSUF ABDURAHMAN",
            birth: "1983-02-14",
            advice: Advice::Refer,
            reason: Some(ReasonCode::PersonResembles),
            ..ordinary.clone()
        },
        Scenario {
            name: "7-expired",
            story: "a passport that has expired",
            number: "U10000066",
            expiry: "2024-03-31",
            advice: Advice::Refer,
            reason: Some(ReasonCode::DocumentExpired),
            ..ordinary.clone()
        },
        Scenario {
            name: "8-check-digit",
            story: "a check digit that does not fit",
            number: "U10000074",
            flaw: Flaw::CheckDigit,
            advice: Advice::Look,
            reason: Some(ReasonCode::CheckDigitWrong),
            ..ordinary.clone()
        },
        Scenario {
            name: "9-unreadable",
            story: "a page washed out by water",
            number: "U10000082",
            flaw: Flaw::Unreadable,
            advice: Advice::Look,
            reason: Some(ReasonCode::ZoneUnreadable),
            ..ordinary.clone()
        },
        Scenario {
            name: "a-child",
            story: "a child: compared by eye, no score",
            number: "U10000090",
            given_names: "AMANI OTIENO",
            birth: "2018-02-11",
            advice: Advice::Look,
            reason: Some(ReasonCode::CompareChildByEye),
            ..ordinary.clone()
        },
        Scenario {
            name: "b-refugee",
            story: "a refugee's travel document: protected",
            number: "U10000108",
            surname: "HAKIZIMANA",
            given_names: "ESPOIR",
            nationality: "XXB",
            ..ordinary.clone()
        },
        Scenario {
            name: "c-discreet",
            story: "a discreet entry: the first line sees refer",
            number: "U10000116",
            surname: "MWANGAZA",
            given_names: "TOBIAS NGUGI",
            birth: "1979-03-30",
            advice: Advice::Refer,
            // Why is for the second line.
            reason: None,
            ..ordinary.clone()
        },
        Scenario {
            name: "d-chip",
            story: "the right person, a chip that proves it",
            number: "U10000124",
            chip: ChipStory::Genuine,
            ..ordinary.clone()
        },
        Scenario {
            name: "e-chip-another-face",
            story: "a chip with a face that nobody signed",
            number: "U10000132",
            chip: ChipStory::AnotherFace,
            advice: Advice::Refer,
            reason: Some(ReasonCode::ChipContradicts),
            ..ordinary.clone()
        },
        Scenario {
            name: "f-chip-unknown-state",
            story: "a chip of a state that the box does not know",
            number: "U10000140",
            chip: ChipStory::UnknownState,
            advice: Advice::Look,
            reason: Some(ReasonCode::ChipUnproven),
            ..ordinary.clone()
        },
        Scenario {
            name: "g-chip-silent",
            story: "a passport whose chip does not answer",
            number: "U10000157",
            chip: ChipStory::Silent,
            advice: Advice::Look,
            reason: Some(ReasonCode::ChipSilent),
            ..ordinary.clone()
        },
        Scenario {
            name: "h-visa",
            story: "a visa, and no passport with it",
            format: MrvA,
            number: "U10000165",
            advice: Advice::Look,
            reason: Some(ReasonCode::VisaAlone),
            ..ordinary.clone()
        },
        Scenario {
            name: "i-portrait-of-child",
            story: "fourteen, the portrait from before twelve",
            number: "U10000173",
            given_names: "BARAKA OTIENO",
            birth: "2012-03-01",
            expiry: "2027-05-20",
            advice: Advice::Look,
            reason: Some(ReasonCode::CompareChildByEye),
            ..ordinary
        },
    ]
}
