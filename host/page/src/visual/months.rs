//! The months' names as documents print them, in capitals without marks.

/// Months with the beginnings of their names and their abbreviations, of the languages of the United Nations
/// that have them, Swahili, and other languages of Latin script. Numbers stand for the month. A word
/// may mean different months in different languages (Polish and Croatian): then it stands with both.
const NAMES: [(i8, &[&str]); 12] = [
    (
        1,
        &[
            "JANUARY",
            "JANVIER",
            "ENERO",
            "JANEIRO",
            "JANUAR",
            "JAENNER",
            "GENNAIO",
            "JANUARI",
            "STYCZEN",
            "LEDEN",
            "SIJECANJ",
            "OCAK",
            "IANUARIE",
            "SAUSIS",
            "TAMMIKUU",
            "JAANUAR",
            "ЯНВАРЬ",
            "يناير",
        ],
    ),
    (
        2,
        &[
            "FEBRUARY",
            "FEVRIER",
            "FEBRERO",
            "FEVEREIRO",
            "FEBRUAR",
            "FEBBRAIO",
            "FEBRUARI",
            "LUTY",
            "UNOR",
            "VELJACA",
            "SUBAT",
            "FEBRUARIE",
            "VASARIS",
            "HELMIKUU",
            "VEEBRUAR",
            "ФЕВРАЛЬ",
            "فبراير",
        ],
    ),
    (
        3,
        &[
            "MARCH",
            "MARS",
            "MARZO",
            "MARCO",
            "MAERZ",
            "MARZ",
            "MACHI",
            "MAART",
            "MARZEC",
            "BREZEN",
            "OZUJAK",
            "MART",
            "MARTIE",
            "KOVAS",
            "MAALISKUU",
            "MARET",
            "МАРТ",
            "مارس",
        ],
    ),
    (
        4,
        &[
            "APRIL",
            "AVRIL",
            "ABRIL",
            "APRILE",
            "APRILI",
            "KWIECIEN",
            "DUBEN",
            "TRAVANJ",
            "NISAN",
            "APRILIE",
            "BALANDIS",
            "HUHTIKUU",
            "APRILL",
            "АПРЕЛЬ",
            "أبريل",
        ],
    ),
    (
        5,
        &[
            "MAY", "MAI", "MAYO", "MAIO", "MAGGIO", "MEI", "MAJ", "KVETEN", "SVIBANJ", "MAYIS",
            "GEGUZE", "TOUKOKUU", "МАЙ", "МАЯ", "مايو",
        ],
    ),
    (
        6,
        &[
            "JUNE",
            "JUIN",
            "JUNIO",
            "JUNHO",
            "JUNI",
            "GIUGNO",
            "CZERWIEC",
            "CERVEN",
            "LIPANJ",
            "HAZIRAN",
            "IUNIE",
            "BIRZELIS",
            "KESAKUU",
            "JUUNI",
            "ИЮНЬ",
            "يونيو",
        ],
    ),
    (
        7,
        &[
            "JULY",
            "JUILLET",
            "JULIO",
            "JULHO",
            "JULI",
            "JULAI",
            "LUGLIO",
            "LIPIEC",
            "CERVENEC",
            "SRPANJ",
            "TEMMUZ",
            "IULIE",
            "LIEPA",
            "HEINAKUU",
            "JUULI",
            "ИЮЛЬ",
            "يوليو",
        ],
    ),
    (
        8,
        &[
            "AUGUST",
            "AOUT",
            "AGOSTO",
            "AGOSTI",
            "AUGUSTUS",
            "SIERPIEN",
            "SRPEN",
            "KOLOVOZ",
            "AGUSTOS",
            "RUGPJUTIS",
            "ELOKUU",
            "AGUSTUS",
            "АВГУСТ",
            "أغسطس",
        ],
    ),
    (
        9,
        &[
            "SEPTEMBER",
            "SEPTEMBRE",
            "SEPTIEMBRE",
            "SETIEMBRE",
            "SETEMBRO",
            "SEPTEMBA",
            "SETTEMBRE",
            "WRZESIEN",
            "ZARI",
            "RUJAN",
            "EYLUL",
            "SEPTEMBRIE",
            "RUGSEJIS",
            "SYYSKUU",
            "СЕНТЯБРЬ",
            "سبتمبر",
        ],
    ),
    (
        10,
        &[
            "OCTOBER",
            "OCTOBRE",
            "OCTUBRE",
            "OUTUBRO",
            "OKTOBER",
            "OKTOBA",
            "OTTOBRE",
            "PAZDZIERNIK",
            "RIJEN",
            "LISTOPAD",
            "EKIM",
            "OCTOMBRIE",
            "SPALIS",
            "LOKAKUU",
            "OKTOOBER",
            "ОКТЯБРЬ",
            "أكتوبر",
        ],
    ),
    (
        11,
        &[
            "NOVEMBER",
            "NOVEMBRE",
            "NOVIEMBRE",
            "NOVEMBRO",
            "NOVEMBA",
            "LISTOPAD",
            "STUDENI",
            "KASIM",
            "NOIEMBRIE",
            "LAPKRITIS",
            "MARRASKUU",
            "НОЯБРЬ",
            "نوفمبر",
        ],
    ),
    (
        12,
        &[
            "DECEMBER",
            "DECEMBRE",
            "DICIEMBRE",
            "DEZEMBRO",
            "DEZEMBER",
            "DESEMBA",
            "DICEMBRE",
            "GRUDZIEN",
            "PROSINEC",
            "PROSINAC",
            "ARALIK",
            "DECEMBRIE",
            "GRUODIS",
            "JOULUKUU",
            "DETSEMBER",
            "DESEMBER",
            "ДЕКАБРЬ",
            "ديسمبر",
        ],
    ),
];

/// Roman numbers, as older documents of some states have months.
const ROMAN: [&str; 12] = [
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII",
];

/// The months that a word in capitals may mean: a name, its beginning of three letters or more, or one with
/// other letters run onto it.
pub(super) fn meant(word: &str) -> Vec<i8> {
    if let Some(at) = ROMAN.iter().position(|r| *r == word) {
        return vec![at as i8 + 1];
    }
    if word.chars().count() < 3 {
        return Vec::new();
    }
    let head: String = word.chars().take(3).collect();
    let mut exact = Vec::new();
    let mut run_on = Vec::new();
    for (month, names) in NAMES {
        if names.iter().any(|n| n.starts_with(word)) {
            exact.push(month);
        } else if names.iter().any(|n| n.starts_with(&head)) {
            run_on.push(month);
        }
    }
    if exact.is_empty() { run_on } else { exact }
}
