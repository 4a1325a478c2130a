//! The catalog as text for the terminal.

use std::fmt::Write as _;

use anshin_catalog::{Catalog, Condition, Layer, MapRegister, Matrix, MeterMap, Origin};
use anshin_model::{Id, Text};
use unicode_width::UnicodeWidthStr as _;

use crate::output::{Output, pad, wrap};

/// Sections in the order of the listing, with their names.
const SECTIONS: &[(&str, &str, &str)] = &[
    ("asset-kinds", "機器の種類", "kinds of assets"),
    ("traits", "機器の性質", "traits of assets"),
    ("zone-kinds", "設置場所とネットワーク区分の種類", "kinds of zones"),
    ("media", "接続の媒体", "media of links"),
    ("protocols", "接続のプロトコル", "protocols of links"),
    ("data-kinds", "データの種類", "kinds of data"),
    ("hazards", "危険源", "hazards"),
    ("safeguards", "安全方策", "safeguards"),
    ("entry-points", "侵入口", "entry points"),
    ("facts", "導かれる事実", "derived facts"),
    ("threats", "脅威", "threats"),
    ("threat-rules", "脅威の規則", "threat rules"),
    ("requirements", "対策要件", "requirements"),
    ("requirement-rules", "対策要件の規則", "requirement rules"),
    ("measures", "対策", "measures"),
    ("rubric", "2つの軸の判断基準", "rating rubric"),
    ("policies", "対策方針", "policies"),
    ("priority-rules", "優先する機器の規則", "priority rules"),
    ("cost-items", "事故の費用", "costs of an incident"),
    ("default-ranges", "既定の範囲", "default ranges"),
    ("difficulty", "攻撃経路の難しさ", "difficulty of attack paths"),
    ("hindrances", "経路を難しくする対策", "measures that make paths harder"),
    ("reliefs", "影響を軽くする対策", "measures that make effects lighter"),
    ("matrices", "リスクマトリクス", "risk matrices"),
    ("alerts", "監視の警報", "alerts of the monitor"),
    ("shared", "機械が共有するもの", "what machines share"),
    ("meters", "電力量計のレジスター", "registers of power meters"),
    ("sources", "出典", "sources"),
];

/// The sections and how many entries each has.
pub(crate) fn sections(catalog: &Catalog, output: Output) -> String {
    let mut out = String::new();
    for (id, ja, en) in SECTIONS {
        let count = catalog.ids(id).map_or(0, |ids| ids.len());
        let _ = writeln!(out, "{} {count:>4}  {}", pad(id, 18), output.word(ja, en));
    }
    out
}

/// The names of all sections, for messages.
pub(crate) fn section_names() -> impl Iterator<Item = &'static str> {
    SECTIONS.iter().map(|(id, ..)| *id)
}

/// The entries of a section; `None` if there is no such section.
pub(crate) fn list(catalog: &Catalog, section: &str, output: Output) -> Option<String> {
    let ids = catalog.ids(section)?;
    let wide = ids.iter().map(|id| id.as_str().width()).max().unwrap_or(0);
    let mut out = String::new();
    for id in ids {
        let title = title(catalog, section, id).map_or("", |text| text.get(output.lang)).to_owned();
        let _ = writeln!(out, "{}  {title}", pad(id.as_str(), wide));
    }
    Some(out)
}

fn title<'a>(catalog: &'a Catalog, section: &str, id: &Id) -> Option<&'a Text> {
    Some(match section {
        "sources" => &catalog.sources.get(id)?.title,
        "traits" => &catalog.traits.get(id)?.name,
        "asset-kinds" => &catalog.asset_kinds.get(id)?.name,
        "zone-kinds" => &catalog.zone_kinds.get(id)?.name,
        "media" => &catalog.media.get(id)?.name,
        "protocols" => &catalog.protocols.get(id)?.name,
        "data-kinds" => &catalog.data_kinds.get(id)?.name,
        "hazards" => &catalog.hazards.get(id)?.name,
        "safeguards" => &catalog.safeguards.get(id)?.name,
        "entry-points" => &catalog.entry_points.get(id)?.name,
        "facts" => &catalog.facts.get(id)?.name,
        "threats" => &catalog.threats.get(id)?.name,
        "threat-rules" => &catalog.threat_rules.get(id)?.incident,
        "requirements" => &catalog.requirements.get(id)?.name,
        "requirement-rules" => &catalog.requirement_rules.get(id)?.why,
        "measures" => &catalog.measures.get(id)?.name,
        "rubric" => &catalog.rubric.get(id)?.why,
        "policies" => &catalog.policies.get(id)?.policy,
        "priority-rules" => &catalog.priority_rules.get(id)?.why,
        "cost-items" => &catalog.cost_items.get(id)?.name,
        "default-ranges" => &catalog.default_ranges.get(id)?.about,
        "difficulty" => &catalog.difficulty.get(id)?.why,
        "hindrances" => &catalog.hindrances.get(id)?.why,
        "reliefs" => &catalog.reliefs.get(id)?.why,
        "matrices" => &catalog.matrices.get(id)?.name,
        "alerts" => &catalog.alerts.get(id)?.name,
        "shared" => &catalog.shared.get(id)?.name,
        "meters" => &catalog.meters.get(id)?.name,
        _ => return None,
    })
}

/// One entry, whole; `None` if there is no such entry.
pub(crate) fn entry(catalog: &Catalog, section: &str, id: &str, output: Output) -> Option<String> {
    let id = &Id::from(id);
    let mut page = Page { output, out: String::new() };
    page.line(&output.strong(&format!("{section} {id}")));
    page.text(title(catalog, section, id)?);
    match section {
        "sources" => {
            let source = catalog.sources.get(id)?;
            page.text(&source.publisher);
            if let Some(about) = &source.about {
                page.text(about);
            }
            if let Some(edition) = &source.edition {
                page.line(edition);
            }
        }
        "traits" => page.about(&catalog.traits.get(id)?.about, &catalog.traits.get(id)?.origin),
        "asset-kinds" => {
            let kind = catalog.asset_kinds.get(id)?;
            let above: Vec<&str> = catalog.kind_and_above(id).skip(1).map(|(id, _)| id.as_str()).collect();
            page.field("上位の種類", "above", &above.join(" < "));
            let traits = catalog.traits_of(id);
            page.field("性質", "traits", &traits.iter().map(Id::as_str).collect::<Vec<_>>().join(", "));
            for hazard in catalog.hazards_of(id) {
                let harm = match hazard.worst {
                    anshin_model::document::Harm::MinorInjury => "minor-injury",
                    anshin_model::document::Harm::SeriousInjury => "serious-injury",
                    anshin_model::document::Harm::Death => "death",
                };
                page.field("危険源", "hazard", &format!("{} ({harm})", hazard.kind));
            }
            page.about(&kind.about, &kind.origin);
        }
        "zone-kinds" => {
            let kind = catalog.zone_kinds.get(id)?;
            page.field(
                "開いている侵入口",
                "exposes",
                &kind.exposes.iter().map(Id::as_str).collect::<Vec<_>>().join(", "),
            );
            page.field("深さ", "level", &kind.level.to_string());
            page.about(&kind.about, &kind.origin);
        }
        "media" => page.about(&catalog.media.get(id)?.about, &catalog.media.get(id)?.origin),
        "protocols" => page.about(&catalog.protocols.get(id)?.about, &catalog.protocols.get(id)?.origin),
        "data-kinds" => {
            let marks: Vec<&str> = catalog.marks_of(id).iter().map(|mark| mark.as_str()).collect();
            page.field("印", "marks", &marks.join(", "));
            page.about(&catalog.data_kinds.get(id)?.about, &catalog.data_kinds.get(id)?.origin);
        }
        "hazards" => page.about(&catalog.hazards.get(id)?.about, &catalog.hazards.get(id)?.origin),
        "safeguards" => {
            let safeguard = catalog.safeguards.get(id)?;
            let against: Vec<&str> = safeguard.against.iter().map(Id::as_str).collect();
            page.field("対象の危険源", "against", &against.join(", "));
            page.field("網から独立", "independent", &safeguard.independent.to_string());
            page.about(&safeguard.about, &safeguard.origin);
        }
        "entry-points" => {
            page.about(&catalog.entry_points.get(id)?.about, &catalog.entry_points.get(id)?.origin);
        }
        "facts" => {
            if let Some(words) = anshin_catalog::facts::words(id.as_str(), catalog) {
                page.field("取りうる語", "words", &words.join(", "));
            }
            page.about(&catalog.facts.get(id)?.about, &catalog.facts.get(id)?.origin);
        }
        "threats" => page.about(&catalog.threats.get(id)?.about, &catalog.threats.get(id)?.origin),
        "threat-rules" => {
            let rule = catalog.threat_rules.get(id)?;
            page.field("脅威", "proposes", rule.proposes.as_str());
            page.condition(&rule.when);
            page.field("重み", "weight", &rule.weight.to_string());
            page.about(&rule.why, &rule.origin);
        }
        "requirements" => {
            let requirement = catalog.requirements.get(id)?;
            page.field("観点", "viewpoint", &requirement.viewpoint.to_string());
            page.field("実装先", "target", requirement.target.name().get(output.lang));
            page.field("CPSF", "CPSF", &requirement.cps.join(", "));
            let counters: Vec<&str> = requirement.counters.iter().map(Id::as_str).collect();
            page.field("対抗する脅威", "counters", &counters.join(", "));
            page.about(&requirement.about, &requirement.origin);
            page.line("");
            for (id, measure) in catalog.measures.iter().filter(|(_, m)| m.requirement == *id) {
                page.line(&format!("{id}  [{}; {}]", measure.by.join(", "), measure.effort.as_str()));
                page.text(&measure.action);
            }
        }
        "requirement-rules" => {
            let rule = catalog.requirement_rules.get(id)?;
            page.field("対策要件", "requires", rule.requires.as_str());
            page.field(
                "脅威",
                "threats",
                &rule.threats.iter().map(Id::as_str).collect::<Vec<_>>().join(", "),
            );
            page.condition(&rule.when);
            page.origin(&rule.origin);
        }
        "measures" => {
            let measure = catalog.measures.get(id)?;
            page.text(&measure.action);
            page.field("対策要件", "requirement", measure.requirement.as_str());
            page.field("行える役割", "by", &measure.by.join(", "));
            page.field("時期", "phase", &measure.phase);
            page.field("手間", "effort", measure.effort.as_str());
            page.field("対象", "on", &measure.on.join(", "));
            if let Some(caution) = &measure.caution {
                page.field(
                    "注意",
                    "caution",
                    &format!("{} ({})", caution.get(output.lang), measure.impairs.join(", ")),
                );
            }
            page.origin(&measure.origin);
        }
        "rubric" => {
            let entry = catalog.rubric.get(id)?;
            page.field("軸", "axis", entry.axis.name().get(output.lang));
            page.field("水準", "level", &entry.level);
            page.field("要素", "factor", entry.factor.name().get(output.lang));
            page.condition(&entry.when);
            page.field("例", "example", entry.example.get(output.lang));
            page.origin(&entry.origin);
        }
        "policies" => {
            let policy = catalog.policies.get(id)?;
            page.field("軸", "axis", policy.axis.name().get(output.lang));
            page.condition(&policy.when);
            let requirements: Vec<&str> = policy.requirements.iter().map(Id::as_str).collect();
            page.field("対策要件", "requirements", &requirements.join(", "));
            page.about(&policy.why, &policy.origin);
        }
        "cost-items" => {
            let item = catalog.cost_items.get(id)?;
            page.field("区分", "category", item.category.name().get(output.lang));
            page.field("生じる事故", "when", item.when.name().get(output.lang));
            let per = item.per.map(anshin_catalog::CostPer::name);
            page.field("単位", "per", per.as_ref().map_or("", |per| per.get(output.lang)));
            page.range(item.low, item.high, &item.date);
            let chance = item.chance.map(|chance| chance.to_string());
            page.field("生じる割合", "chance", chance.as_deref().unwrap_or_default());
            page.about(&item.about, &item.origin);
        }
        "default-ranges" => {
            let range = catalog.default_ranges.get(id)?;
            page.field("単位", "unit", range.unit.name().get(output.lang));
            page.range(range.low, range.high, &range.date);
            page.origin(&range.origin);
        }
        "difficulty" => {
            let entry = catalog.difficulty.get(id)?;
            page.layer(entry.layer, entry.points);
            page.condition(&entry.when);
            page.origin(&entry.origin);
        }
        "hindrances" => {
            let entry = catalog.hindrances.get(id)?;
            page.layer(entry.layer, entry.points);
            page.condition(&entry.when);
            page.measures(&entry.measures);
            page.origin(&entry.origin);
        }
        "reliefs" => {
            let entry = catalog.reliefs.get(id)?;
            page.field("結果", "consequence", entry.consequence.name().get(output.lang));
            page.field("軽くなる段階", "levels", &entry.levels.to_string());
            page.condition(&entry.when);
            page.measures(&entry.measures);
            page.origin(&entry.origin);
        }
        "matrices" => page.matrix(catalog.matrices.get(id)?),
        "alerts" => {
            let alert = catalog.alerts.get(id)?;
            page.text(&alert.says);
            page.causes(&alert.causes, &alert.first);
            let threats: Vec<&str> = alert.threats.iter().map(Id::as_str).collect();
            page.field("脅威", "threats", &threats.join(", "));
            page.origin(&alert.origin);
        }
        "shared" => {
            let shared = catalog.shared.get(id)?;
            page.causes(&shared.causes, &shared.first);
            page.origin(&shared.origin);
        }
        "meters" => page.meter(catalog.meters.get(id)?),
        _ => {
            let rule = catalog.priority_rules.get(id)?;
            page.field("理由", "because", rule.because.as_str());
            page.condition(&rule.when);
            page.origin(&rule.origin);
        }
    }
    Some(page.out)
}

struct Page {
    output: Output,
    out: String,
}

impl Page {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn text(&mut self, text: &Text) {
        for line in wrap(text.get(self.output.lang), 100) {
            self.line(&line);
        }
    }

    fn field(&mut self, ja: &str, en: &str, value: &str) {
        if !value.is_empty() {
            let line = format!("{}: {value}", self.output.word(ja, en));
            for (n, line) in wrap(&line, 98).into_iter().enumerate() {
                self.line(&if n == 0 { line } else { format!("  {line}") });
            }
        }
    }

    fn range(&mut self, low: f64, high: f64, date: &str) {
        self.field("90%区間", "90 % interval", &format!("{low} – {high}"));
        self.field("時点", "as of", date);
    }

    fn layer(&mut self, layer: Layer, points: u8) {
        self.field("層", "layer", layer.name().get(self.output.lang));
        self.field("点数", "points", &points.to_string());
    }

    fn measures(&mut self, measures: &[Id]) {
        self.field("対策", "measures", &measures.iter().map(Id::as_str).collect::<Vec<_>>().join(", "));
    }

    fn causes(&mut self, causes: &[Text], first: &[Text]) {
        for cause in causes {
            self.field("考えられる原因", "likely cause", cause.get(self.output.lang));
        }
        for step in first {
            self.field("最初に確かめること", "look first", step.get(self.output.lang));
        }
    }

    fn meter(&mut self, meter: &MeterMap) {
        let lang = self.output.lang;
        self.field("記述した者", "described by", meter.described_by.name().get(lang));
        let models: Vec<String> = meter.models.iter().map(u16::to_string).collect();
        self.field("SunSpecのモデル", "models of SunSpec", &models.join(", "));
        self.field("レジスターの種類", "table", meter.table.id());
        let shown = |of: &MapRegister| {
            let scale = of.scale.map_or_else(String::new, |at| format!(" × 10^[{at}]"));
            let factor = if (of.factor - 1.0).abs() < f64::EPSILON {
                String::new()
            } else {
                format!(" × {}", of.factor)
            };
            format!("{} {}{scale}{factor}", of.at, of.form.id())
        };
        self.field("周波数（Hz）", "frequency (Hz)", &shown(&meter.frequency));
        let voltages: Vec<String> = meter.voltages.iter().map(shown).collect();
        let between = if meter.any_voltage { self.output.word("か", "or") } else { "," };
        self.field("電圧（V）", "voltage (V)", &voltages.join(&format!("{between} ")));
        self.field("電力（W）", "power (W)", &shown(&meter.power));
        self.field("電力量（Wh）", "energy (Wh)", &meter.energy.as_ref().map(shown).unwrap_or_default());
        self.about(&meter.about, &meter.origin);
    }

    /// A matrix with the likeliest class on top and the gravest effect on the right.
    fn matrix(&mut self, matrix: &Matrix) {
        let lang = self.output.lang;
        let name = |text: &Text| text.get(lang).to_owned();
        let mut rows = vec![
            std::iter::once(String::new())
                .chain(matrix.effect.iter().map(|class| name(&class.name)))
                .collect(),
        ];
        for (likelihood, class) in matrix.likelihood.iter().enumerate().rev() {
            let cells =
                (0..matrix.effect.len()).map(|effect| &matrix.risk[matrix.risk_of(likelihood, effect)]);
            let first = format!("{} ({}+)", name(&class.name), class.difficulty);
            rows.push(std::iter::once(first).chain(cells.map(|risk| name(&risk.name))).collect::<Vec<_>>());
        }
        let columns = 0..=matrix.effect.len();
        let widths: Vec<usize> =
            columns.map(|n| rows.iter().map(|row| row[n].width()).max().unwrap_or(0)).collect();
        for row in &rows {
            let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, wide)| pad(cell, *wide)).collect();
            self.line(cells.join("  ").trim_end());
        }
        self.field("目標内でも検討するリスク", "cut", name(&matrix.risk[matrix.cut_class()].name).as_str());
        let counting = name(&matrix.likelihood[matrix.counting_class()].name);
        self.field("対策後に数える起こりやすさ", "counts from", &counting);
        self.about(&matrix.about, &matrix.origin);
    }

    fn condition(&mut self, condition: &Condition) {
        self.field("すべて", "all", &condition.all.join(", "));
        self.field("どれか", "any", &condition.any.join(", "));
        self.field("どれもない", "none", &condition.none.join(", "));
    }

    fn about(&mut self, about: &Text, origin: &Origin) {
        self.text(about);
        self.origin(origin);
    }

    fn origin(&mut self, origin: &Origin) {
        let line = format!("{} ({})", origin.source.join("; "), origin.basis.name().get(self.output.lang));
        self.field("出典", "source", &line);
    }
}
