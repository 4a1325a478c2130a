//! Workbooks of an organization: its names, colours and logo, and that they change nothing else.

use std::io::{Cursor, Read as _};

use anshin_model::Lang;

use crate::packed::{Grid, Value};
use crate::{EVERYTHING, book_of, bring, common};
use anshin_report::branding;

/// The parts of a workbook that are texts, each of them XML.
pub(crate) fn parts(bytes: &[u8]) -> Vec<(String, String)> {
    let mut package = zip::ZipArchive::new(Cursor::new(bytes)).expect("a package");
    let names: Vec<String> = package.file_names().map(|name| name.expect("a name").into_owned()).collect();
    let texts = names.into_iter().filter(|name| !name.starts_with("xl/media/")).map(|name| {
        let mut text = String::new();
        package.by_name(&name).expect("a part").read_to_string(&mut text).expect("UTF-8");
        roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, text)
    });
    texts.collect()
}

/// The heads and feet of all sheets that people see.
fn heads_and_feet(bytes: &[u8]) -> Vec<(String, String)> {
    let sheets = parts(bytes).into_iter().filter(|(name, _)| name.starts_with("xl/worksheets/sheet"));
    let found = sheets.filter_map(|(_, text)| {
        let sheet = roxmltree::Document::parse(&text).expect("XML");
        let words = |name| {
            let found = sheet.descendants().find(|node| node.has_tag_name((MAIN, name)));
            found.and_then(|node| node.text()).unwrap_or_default().to_owned()
        };
        sheet
            .descendants()
            .any(|node| node.has_tag_name((MAIN, "headerFooter")))
            .then(|| (words("oddHeader"), words("oddFooter")))
    });
    found.collect()
}

pub(crate) const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

#[test]
fn the_organization_is_on_the_guide_and_on_every_printed_page() {
    let own = common::brand(
        "anshin-branding: 1\norganization: { ja: 安心製作所, en: Works & Sons }\nlogo: logo\nfooter: Confidential\n\
         document-number: Q-7\nversion: 2\ndate: 2026-04-01\nauthor: Sato\napprover: Suzuki\ncolors: { main: \"#006644\" }\n",
    );
    let bytes = book_of(EVERYTHING, &own, Lang::En);
    let grid = Grid::read(&bytes);
    let guide = &grid.sheets[0].1;
    for (name, value) in [
        ("Issued by", "Works & Sons"),
        ("Document number", "Q-7"),
        ("Version", "2"),
        ("Date", "2026-04-01"),
        ("Author", "Sato"),
        ("Approved by", "Suzuki"),
        ("Handling", "Confidential"),
    ] {
        let is = |row: &std::collections::BTreeMap<u32, Value>| {
            row.get(&1) == Some(&Value::Text(name.to_owned()))
                && row.get(&2) == Some(&Value::Text(value.to_owned()))
        };
        assert!(guide.values().any(is), "{name}");
    }
    let printed = heads_and_feet(&bytes);
    let seen = grid.sheets.iter().filter(|(name, _)| !name.starts_with('_')).count();
    assert_eq!(printed.len(), seen);
    for (head, foot) in printed {
        assert_eq!((head.as_str(), foot.as_str()), ("&LWorks && Sons&RQ-7", "&LConfidential&R&P / &N"));
    }
    let parts = parts(&bytes);
    let part = |name: &str| &parts.iter().find(|(own, _)| own == name).unwrap_or_else(|| panic!("{name}")).1;
    assert!(part("xl/drawings/drawing1.xml").contains("descr=\"Works &amp; Sons\""));
    assert!(part("xl/styles.xml").contains("FF006644"));
    assert!(part("docProps/core.xml").contains("<dc:creator>Sato</dc:creator>"));
    assert!(part("docProps/app.xml").contains("<Company>Works &amp; Sons</Company>"));
    let came = bring(&bytes, EVERYTHING).expect("a workbook");
    assert!(!came.imported.changed && came.said.is_empty(), "{}", came.said);
}

#[test]
fn hostile_names_of_an_organization_stay_texts() {
    for words in [
        "=CMD()|' /C calc'!A0",
        "&P&N&G&\"Arial\"&99 && &",
        "<script>&\"'>",
        "../../etc/passwd",
        "\u{202E}עברית العربية\u{202C}",
        "😀👨‍👩‍👧",
        &"&".repeat(300),
        &"🔒".repeat(300),
    ] {
        let bytes = book_of(EVERYTHING, &common::brand_of(words), Lang::Ja);
        parts(&bytes);
        let guide = &Grid::read(&bytes).sheets[0].1;
        let told = |row: &std::collections::BTreeMap<u32, Value>| {
            row.get(&2) == Some(&Value::Text(words.to_owned()))
        };
        assert_eq!(guide.values().filter(|row| told(row)).count(), 6, "{words}");
        for (head, foot) in heads_and_feet(&bytes) {
            for line in [head, foot] {
                assert!(line.encode_utf16().count() <= 255, "{words}");
                // Nothing but our own commands is left when marks of the words are taken out.
                let commands: Vec<&str> = line.split("&&").flat_map(|rest| rest.split('&').skip(1)).collect();
                let own = commands.iter().all(|command| command.starts_with(['L', 'R', 'P', 'N']));
                assert!(own && commands.len() <= 4, "{words}: {line}");
            }
        }
        let came = bring(&bytes, EVERYTHING).expect("a workbook");
        assert!(!came.imported.changed && came.said.is_empty(), "{words}: {}", came.said);
    }
}

/// On paper no letter becomes too small: a wide sheet takes several pages side by side, its headings and
/// what tells its rows apart on each of them.
#[test]
fn wide_sheets_are_printed_on_several_pages_side_by_side() {
    let bytes = book_of(EVERYTHING, &branding::Branding::default(), Lang::En);
    let mut many = 0;
    for (name, text) in parts(&bytes) {
        if !name.starts_with("xl/worksheets/sheet") {
            continue;
        }
        let sheet = roxmltree::Document::parse(&text).expect("XML");
        let find = |name| sheet.descendants().find(|node| node.has_tag_name((MAIN, name)));
        let Some(setup) = find("pageSetup") else { continue };
        let number = |node: roxmltree::Node<'_, '_>, name: &str, or: f64| -> f64 {
            node.attribute(name).map_or(or, |own| own.parse().expect("a number"))
        };
        let seen =
            find("cols").into_iter().flat_map(|cols| cols.children().filter(roxmltree::Node::is_element));
        let seen = seen
            .filter(|column| column.attribute("hidden").is_none() && number(*column, "max", 0.0) < 1_000.0);
        let width: f64 = seen.map(|column| number(column, "width", 9.0)).sum();
        let abreast = number(setup, "fitToWidth", 1.0);
        assert_eq!(setup.attribute("fitToHeight"), Some("0"), "{name}: as many pages as it takes");
        let fits = if setup.attribute("orientation") == Some("landscape") { 225.0 } else { 110.0 };
        assert!(width <= fits * abreast, "{name}: {width} on {abreast} pages");
        many += usize::from(abreast > 1.0);
    }
    assert!(many >= 2, "some sheets are wide");
    let book = parts(&bytes).into_iter().find(|(name, _)| name == "xl/workbook.xml").expect("there").1;
    assert!(book.contains("'Input Assets'!$B:$C,'Input Assets'!$2:$2"), "{book}");
}
