//! The lists of OFAC and the UN: those of the development vectors where they are there, else small ones of Utopia
//! in the same formats. What they hold is counted here by the text alone, so that the import has something to be
//! held against.

use crate::desk::{Desk, text};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Numbers, names, kinds and remarks as OFAC writes them; the last line is the control character that ends the file.
const SDN: &str = "\
7001,\"SPECIMEN, Olga Maria\",\"individual\",\"UTOPIA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 12 Aug 1974; nationality Kenya; Gender Female; Passport L8988901 (Kenya) expires 15 Apr 2031.\"
7002,\"MUSTERMANN, Erik\",\"individual\",\"UTOPIA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB circa 1960.\"
7003,\"UTOPIA SHIPPING COMPANY\",-0- ,\"UTOPIA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0-
7004,\"SPECIMEN, Jan\",\"individual\",\"UTOPIA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 1950 to 1953.\"
\u{1a}
";
const ALT: &str = "7001,9001,\"aka\",\"SPECIMEN, Olya\",-0-\n7003,9002,\"aka\",\"USC\",-0-\n";
const UN: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>
<CONSOLIDATED_LIST dateGenerated=\"2026-11-28T00:00:00\"><INDIVIDUALS>
<INDIVIDUAL><FIRST_NAME>ANNA</FIRST_NAME><SECOND_NAME>SPECIMEN</SECOND_NAME><UN_LIST_TYPE>Utopia</UN_LIST_TYPE>
<REFERENCE_NUMBER>UTi.001</REFERENCE_NUMBER><GENDER>Female</GENDER><NATIONALITY><VALUE>Kenya</VALUE></NATIONALITY>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Anna Specimenova</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1971-03-04</DATE></INDIVIDUAL_DATE_OF_BIRTH>
</INDIVIDUAL>
<INDIVIDUAL><FIRST_NAME>PETER</FIRST_NAME><SECOND_NAME>MUSTERMANN</SECOND_NAME><UN_LIST_TYPE>Utopia</UN_LIST_TYPE>
<REFERENCE_NUMBER>UTi.002</REFERENCE_NUMBER>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1965</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
</INDIVIDUAL></INDIVIDUALS>
<ENTITIES><ENTITY><FIRST_NAME>UTOPIA TRADING</FIRST_NAME><REFERENCE_NUMBER>UTe.001</REFERENCE_NUMBER></ENTITY></ENTITIES>
</CONSOLIDATED_LIST>
";

/// Both lists as files, and how many persons each has by its text.
pub(crate) struct Lists {
    ofac: PathBuf,
    un: PathBuf,
    pub(crate) on_ofac: usize,
    pub(crate) on_un: usize,
}

/// The folder of the development vectors' lists.
fn shared() -> Option<PathBuf> {
    let root = std::env::var_os("MPAKA_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let lists = root.join("vectors/lists");
    ["sdn.csv", "alt.csv", "UN_consolidated.xml"]
        .iter()
        .all(|name| lists.join(name).is_file())
        .then_some(lists)
}

impl Lists {
    pub(crate) fn of(desk: &Desk) -> Self {
        let folder = shared().unwrap_or_else(|| {
            eprintln!(
                "SKIPPED: the lists of OFAC and the UN themselves (../shared is absent); small ones of Utopia in the \
                 same formats stand in for them"
            );
            let folder = desk.path("lists");
            std::fs::create_dir(&folder).unwrap();
            for (name, content) in [
                ("sdn.csv", SDN),
                ("alt.csv", ALT),
                ("UN_consolidated.xml", UN),
            ] {
                std::fs::write(folder.join(name), content).unwrap();
            }
            folder
        });
        let un = folder.join("UN_consolidated.xml");
        // OFAC writes Windows-1252.
        let bytes = std::fs::read(folder.join("sdn.csv")).unwrap();
        let sdn = String::from_utf8_lossy(&bytes);
        let on_ofac = sdn
            .lines()
            .filter(|line| line.contains(",\"individual\","))
            .count();
        let on_un = std::fs::read_to_string(&un)
            .unwrap()
            .matches("<INDIVIDUAL>")
            .count();
        Self {
            ofac: folder,
            un,
            on_ofac,
            on_un,
        }
    }

    /// Imports both; nobody is left out, and nothing else comes in.
    pub(crate) fn import(&self, desk: &Desk) {
        for (name, option, path, persons) in [
            ("OFAC SDN", "--ofac", &self.ofac, self.on_ofac),
            ("UN consolidated", "--un", &self.un, self.on_un),
        ] {
            let report: Value = desk
                .done(&[
                    "import",
                    option,
                    text(path),
                    "--source",
                    name,
                    "--legal-basis",
                    "Border Act 14",
                ])
                .remove(0);
            assert_eq!(
                (&report["persons"], &report["added"]),
                (&persons.into(), &persons.into()),
                "{name}: {report}"
            );
        }
    }

    /// Both together.
    pub(crate) fn persons(&self) -> usize {
        self.on_ofac + self.on_un
    }
}
