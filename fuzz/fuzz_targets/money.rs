//! Any bytes as a money file, and a simulation of what it says.

#![no_main]

use std::sync::LazyLock;

use anshin_catalog::{Catalog, CostWhen};
use anshin_model::diagnostic::{self, Style};
use anshin_model::document::Economic;
use anshin_model::{Id, Lang, Text};
use anshin_quantify::money_file::{self, Known};
use anshin_quantify::setting::{Class, PlanFrom, Risk, Setting, Standing};
use anshin_quantify::{Run, quantify, v1};
use libfuzzer_sys::fuzz_target;

static CATALOG: LazyLock<Option<Catalog>> = LazyLock::new(|| anshin_catalog::load(Vec::new()).catalog);

fuzz_target!(|bytes: &[u8]| {
    let Some(catalog) = &*CATALOG else { return };
    let ids = |words: &[&str]| words.iter().map(|word| Id::from(*word)).collect::<Vec<_>>();
    let known = Known {
        catalog,
        stakeholders: &ids(&["maker"]),
        classes: &ids(&["low", "high"]),
        scenarios: &ids(&["pump/stop/maker"]),
        measures: &ids(&["backup"]),
    };
    let loaded = money_file::load("money.yaml", bytes.to_vec(), known);
    let style = Style { lang: Lang::Ja, color: false, most: 20 };
    let _ = diagnostic::render(&loaded.sources, &loaded.diagnostics, style);
    let Some(money) = loaded.money else { return };
    let standing = Standing { likelihood: 1, level: Economic::Serious };
    let setting = Setting {
        organization: Id::from("maker"),
        name: Text::same("maker"),
        restore: None,
        classes: ["low", "high"].map(|word| Class { id: Id::from(word), name: Text::same(word) }).to_vec(),
        risks: vec![Risk {
            id: Id::from("pump/stop/maker"),
            name: Text::same("pump"),
            about: Text::same("pump"),
            consequence: CostWhen::Stop,
            now: standing,
            bare: standing,
        }],
        plan_from: PlanFrom::Document,
        plan: Vec::new(),
        after: vec![standing],
    };
    if let Ok(result) = quantify(&setting, &money, catalog, Run { years: 200, seed: 1 }) {
        for case in &result.cases {
            assert!(case.losses.mean.value.is_finite() && case.losses.mean.value >= 0.0);
        }
        let _ = serde_json::to_string(&v1::Report::new(&Id::from("system"), &result));
    }
});
