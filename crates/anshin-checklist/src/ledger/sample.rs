//! A ledger to begin with.

use anshin_model::Text;

use super::{Asset, Ledger, Personal, Scale};

/// A ledger with rows that show what goes where.
pub fn sample(scale: &Scale, date: &str) -> Ledger {
    let value = |n: usize| scale.values.get(n).or(scale.values.last()).map_or(0.0, |value| value.value);
    let row = |business: (&str, &str), name: (&str, &str), medium: &str, personal, cia: [usize; 3]| Asset {
        id: None,
        business: Text::new(business.0, business.1),
        name: Text::new(name.0, name.1),
        note: Text::new("記入例", "Sample row"),
        users: Text::new("営業部", "Sales"),
        department: Text::new("営業部", "Sales"),
        medium: medium.to_owned(),
        personal,
        confidentiality: value(cia[0]),
        integrity: value(cia[1]),
        availability: value(cia[2]),
        kept_until: None,
        registered: Some(date.to_owned()),
        threat: None,
        measures: None,
    };
    let (sales, engineering) = (("営業", "Sales"), ("技術", "Engineering"));
    Ledger {
        date: Some(date.to_owned()),
        scale: Some(scale.id.clone()),
        assets: vec![
            row(sales, ("顧客名簿", "List of customers"), "server", Personal::Personal, [0, 1, 1]),
            row(sales, ("製品カタログ", "Product catalogue"), "paper", Personal::None, [2, 1, 1]),
            row(engineering, ("図面", "Drawings"), "office-pc", Personal::None, [0, 0, 0]),
        ],
        ..Ledger::default()
    }
}
