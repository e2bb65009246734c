//! Names that plausible travellers bear. Made up from common parts; nobody in particular is meant.

use rand::{Rng, RngExt};

use super::seed::one_of;

/// The kinds of names on which readers and searches differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tradition {
    EastAfrican,
    Ethiopic,
    Arabic,
    European,
    Asian,
}

impl Tradition {
    /// Every tradition; the East African one more often, as at an East African border.
    const DRAWN: [Self; 8] = [
        Self::EastAfrican,
        Self::EastAfrican,
        Self::EastAfrican,
        Self::Ethiopic,
        Self::Arabic,
        Self::European,
        Self::European,
        Self::Asian,
    ];

    /// One of them.
    pub(crate) fn draw(rng: &mut impl Rng) -> Self {
        *one_of(rng, &Self::DRAWN)
    }

    /// Surnames, women's and men's given names.
    fn parts(
        self,
    ) -> (
        &'static [&'static str],
        &'static [&'static str],
        &'static [&'static str],
    ) {
        match self {
            Self::EastAfrican => (
                &[
                    "MWANGI",
                    "OTIENO",
                    "WANJIRU",
                    "KAMAU",
                    "ODHIAMBO",
                    "NJOROGE",
                    "MUTUA",
                    "KIPROTICH",
                    "CHERUIYOT",
                    "NYAMBURA",
                    "ACHIENG",
                    "KIPLAGAT",
                    "MWAKASEGE",
                    "MAKONDE",
                    "MSUYA",
                    "NDAYIZEYE",
                    "NKUNDABAGENZI",
                    "UWIMANA",
                    "HABIMANA",
                    "NIYONZIMA",
                    "MUGISHA",
                    "NAKATO",
                    "SSEMAKULA",
                    "TUMWESIGYE",
                    "BYARUHANGA",
                    "MUHUMUZA",
                    "KAZOORA",
                    "OKELLO",
                    "KALONJI",
                    "ILUNGA",
                    "MUKENDI",
                    "KABONGO",
                    "CHIRWA",
                    "PHIRI",
                    "BANDA",
                    "MWAMBA",
                    "NG'ANG'A",
                    "NG'ENO",
                    "OLE SANKALE",
                    "WA KAMAU",
                    "ABDULLAHI",
                    "SHEIKH",
                    "JUMA",
                ],
                &[
                    "WANGARI",
                    "AKINYI",
                    "NEEMA",
                    "ZAWADI",
                    "REHEMA",
                    "FURAHA",
                    "ASHA",
                    "MWAJUMA",
                    "IMMACULEE",
                    "CLAUDINE",
                    "GRACE",
                    "MERCY",
                    "FAITH",
                    "ESTHER",
                    "AMINA",
                    "ZUHURA",
                    "PEACE",
                    "NALONGO",
                    "HALIMA",
                    "UPENDO",
                ],
                &[
                    "JUMA",
                    "BARAKA",
                    "DAUDI",
                    "YUSUF",
                    "HAMISI",
                    "JEAN BOSCO",
                    "EMMANUEL",
                    "JOSEPH",
                    "PETER",
                    "SAMUEL",
                    "EZRA",
                    "GODFREY",
                    "INNOCENT",
                    "JEAN-PIERRE",
                    "RASHIDI",
                    "SALIM",
                    "MOSES",
                    "DENNIS",
                    "KATO",
                    "WASSWA",
                ],
            ),
            Self::Ethiopic => (
                &[
                    "TESFAYE",
                    "GEBREMARIAM",
                    "HAILE MIKAEL",
                    "WOLDEGIORGIS",
                    "TEKLEHAIMANOT",
                    "BEKELE",
                    "ABEBE",
                    "KEBEDE",
                    "ALEMAYEHU",
                    "GEBREHIWOT",
                    "MEKONNEN",
                    "DESTA",
                    "ARAYA",
                    "TEWELDE",
                    "GHEBREMEDHIN",
                    "WELDEMICHAEL",
                    "MULUGETA",
                    "NEGASH",
                ],
                &[
                    "TIGIST",
                    "MESERET",
                    "ALMAZ",
                    "SELAMAWIT",
                    "BETHLEHEM",
                    "HIWOT",
                    "GENET",
                    "WEYNI",
                    "LETEBRHAN",
                    "TSEHAY",
                ],
                &[
                    "HAILU", "KIROS", "AMANUEL", "DAWIT", "YOHANNES", "TEWODROS", "GETACHEW",
                    "BERHANE", "ISAYAS", "SOLOMON",
                ],
            ),
            Self::Arabic => (
                &[
                    "AL RASHID",
                    "ABDEL RAHMAN",
                    "EL SAYED",
                    "BIN SAID SALIM",
                    "AL-MASRI",
                    "HASSAN",
                    "IBRAHIM",
                    "OSMAN",
                    "ABDALLAH",
                    "AL FARSI",
                    "MOHAMMED",
                    "BEN ALI",
                    "ELMI",
                    "WARSAME",
                    "GULED",
                    "FARAH",
                    "NUR",
                    "AL TAYEB",
                    "EL BADAWI",
                    "ABU BAKR",
                ],
                &[
                    "FATIMA",
                    "KHADIJA",
                    "AISHA",
                    "MARYAM",
                    "SUMAYA",
                    "LAYLA",
                    "ZAHRA",
                    "NOUR EL HODA",
                    "HODAN",
                    "IMAN",
                ],
                &[
                    "MOHAMED",
                    "AHMED",
                    "ABDIRAHMAN",
                    "OMAR",
                    "KHALID",
                    "MUSTAFA",
                    "YASIN",
                    "ABDUL AZIZ",
                    "HUSSEIN",
                    "SAIF AL-DIN",
                ],
            ),
            Self::European => (
                &[
                    "ERIKSSON",
                    "MUELLER",
                    "O'CONNOR",
                    "VAN DER MERWE",
                    "GARCIA MORENO",
                    "DE LA CRUZ",
                    "SMITH-JONES",
                    "NOVAKOVA",
                    "KOWALSKI",
                    "PAPADOPOULOS",
                    "D'AMICO",
                    "LE GOFF",
                    "SANTOS",
                    "VON UND ZU LIECHTENSTEIN",
                    "MACDONALD",
                    "ROSSI",
                    "IVANOV",
                    "JENSEN",
                    "LINDQVIST",
                    "ALBUQUERQUE DE OLIVEIRA",
                ],
                &[
                    "ANNA MARIA",
                    "ANNE-MARIE",
                    "SIOBHAN",
                    "INGRID",
                    "CHIARA",
                    "LUCIA",
                    "KATARZYNA",
                    "HELENA",
                    "EVA",
                    "JOSEFINE",
                ],
                &[
                    "JOHN PAUL",
                    "JEAN-LUC",
                    "HANS",
                    "PIETER",
                    "MIGUEL ANGEL",
                    "LARS",
                    "GIORGOS",
                    "SEAN",
                    "TOMASZ",
                    "NIKOLAI",
                ],
            ),
            Self::Asian => (
                &[
                    "NGUYEN",
                    "TRAN",
                    "ZHANG",
                    "LI",
                    "WU",
                    "KIM",
                    "PARK",
                    "TANAKA",
                    "WATANABE",
                    "SINGH",
                    "PATEL",
                    "KRISHNAMURTHY",
                    "RAMACHANDRAN",
                    "CHOUDHURY",
                    "DELA CRUZ",
                    "WICAKSANAPUTRI",
                    "VENKATARAMANAN",
                    "OU",
                    "SHRESTHA",
                    "JAYAWARDENA",
                ],
                &[
                    "THI MINH",
                    "XIAOLING",
                    "MEI",
                    "JI-WOO",
                    "SAKURA",
                    "LAKSHMI",
                    "PRIYA",
                    "NUR AISYAH",
                    "DEWI",
                    "MARIA CLARA",
                ],
                &[
                    "VAN HUNG",
                    "WEI",
                    "JIANGUO",
                    "MIN-JUN",
                    "HIROSHI",
                    "HARPREET",
                    "RAJESH KUMAR",
                    "SURYA",
                    "BUDI",
                    "JOSE MARI",
                ],
            ),
        }
    }

    /// A surname and given names; the given names are empty for the few who bear one name.
    pub(crate) fn name(self, woman: bool, rng: &mut impl Rng) -> (String, String) {
        let (surnames, women, men) = self.parts();
        let given = if woman { women } else { men };
        let mut surname = (*one_of(rng, surnames)).to_owned();
        if rng.random_bool(0.12) {
            let joint = if rng.random_bool(0.5) { "-" } else { " " };
            surname = format!("{surname}{joint}{}", one_of(rng, surnames));
        }
        if rng.random_bool(0.03) {
            return (surname, String::new());
        }
        let more = [0.55, 0.2, 0.06]
            .into_iter()
            .filter(|p| rng.random_bool(*p))
            .count();
        let mut names = vec![*one_of(rng, given)];
        for _ in 0..more {
            let next = *one_of(rng, given);
            if !names.contains(&next) {
                names.push(next);
            }
        }
        (surname, names.join(" "))
    }
}
