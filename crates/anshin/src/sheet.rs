//! One of the tables of a file.

use anshin_checklist::File;
use anshin_report::tables;
use anshin_report::workbook::PlainSheet;

use crate::input::Failure;

/// The tables of a file; an error names it.
pub(crate) fn of(file: &File) -> Result<Vec<PlainSheet>, Failure> {
    let name = &file.name;
    tables(file).map_err(|why| {
        let (ja, en) = (why.get(anshin_model::Lang::Ja), why.get(anshin_model::Lang::En));
        Failure::new(format!("`{name}`: {ja}"), format!("`{name}`: {en}"))
    })
}

/// The rows of a sheet by its name; of the first one if no name is given.
pub(crate) fn named(sheets: Vec<PlainSheet>, name: Option<&str>) -> Result<Vec<Vec<String>>, Failure> {
    let all = sheets.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let found = sheets.into_iter().find(|(own, _)| name.is_none_or(|name| name == own));
    found.map(|(_, rows)| rows).ok_or_else(|| {
        Failure::new(
            format!("そのシートはありません。あるもの: {all}"),
            format!("there is no such sheet; there are: {all}"),
        )
    })
}
