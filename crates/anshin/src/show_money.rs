//! Risk in money as text for the terminal, and a money file to begin with.

use std::fmt::Write as _;

use anshin_catalog::Catalog;
use anshin_model::{Lang, Text};
use anshin_quantify::amount::{ends, money, often, percent, rosi};
use anshin_quantify::estimate::{Assumption, MeasureValue, UsedFor};
use anshin_quantify::quantification::{CaseResult, Quantification};
use anshin_quantify::setting::{PlanFrom, Setting};
use anshin_quantify::summary;
use unicode_width::UnicodeWidthStr as _;

use crate::output::{Output, pad, wrap};

/// Scenarios and measures that are listed without `--verbose`.
const MOST: usize = 10;
const WIDTH: usize = 98;

/// The whole result.
pub(crate) fn quantification(q: &Quantification, verbose: bool, output: Output) -> String {
    let mut view = View { q, output, verbose, out: String::new(), parts: 0 };
    view.summary();
    view.years();
    view.scenarios();
    view.categories();
    view.measures();
    view.judgements();
    view.assumptions();
    view.certainty();
    view.out
}

struct View<'a> {
    q: &'a Quantification,
    output: Output,
    verbose: bool,
    out: String,
    /// How many numbered parts there are so far.
    parts: usize,
}

impl View<'_> {
    fn heading(&mut self, ja: &str, en: &str) {
        let heading = self.output.word(ja, en);
        let heading = if self.out.is_empty() {
            heading.to_owned()
        } else {
            self.parts += 1;
            format!("{}. {heading}", self.parts)
        };
        let heading = self.output.heading(&heading);
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        let _ = writeln!(self.out, "{heading}");
    }

    fn paragraph(&mut self, text: &str, indent: usize) {
        for line in wrap(text, WIDTH - indent) {
            let _ = writeln!(self.out, "{}{line}", " ".repeat(indent));
        }
    }

    fn amount(&self, value: f64) -> String {
        money(value, &self.q.currency).get(self.output.lang).to_owned()
    }

    fn get(&self, text: &Text) -> String {
        text.get(self.output.lang).to_owned()
    }

    /// Rows of cells in columns, the first to the left, the others to the right.
    fn table(&mut self, rows: &[Vec<String>]) {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|n| rows.iter().filter_map(|row| row.get(n)).map(|cell| cell.width()).max().unwrap_or(0))
            .collect();
        for row in rows {
            let mut line = String::new();
            for (n, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                if n == 0 {
                    line.push_str(&pad(cell, width));
                } else {
                    line.push_str("  ");
                    line.push_str(&" ".repeat(width - cell.width()));
                    line.push_str(cell);
                }
            }
            let _ = writeln!(self.out, "{}", line.trim_end());
        }
    }

    fn summary(&mut self) {
        self.heading("この結果が示すこと", "What this says");
        let text = self.get(&summary::paragraph(self.q));
        self.paragraph(&text, 0);
    }

    fn years(&mut self) {
        self.heading("1年の損失（保険の支払い後）", "Loss of a year (after insurance has paid)");
        let mut head = vec![String::new()];
        head.extend(self.q.cases.iter().map(|case| self.get(&case.kind.name())));
        let mut rows = vec![head];
        let mut row = |label: String, value: &dyn Fn(&CaseResult) -> String| {
            let mut cells = vec![label];
            cells.extend(self.q.cases.iter().map(value));
            rows.push(cells);
        };
        let word = |ja: &str, en: &str| self.output.word(ja, en).to_owned();
        row(word("平均", "mean"), &|case| self.amount(case.losses.mean.value));
        row(word("損失のある年の割合", "years with a loss"), &|case| percent(case.losses.any));
        for (n, (p, _)) in self.q.cases[0].losses.percentiles.iter().enumerate() {
            let years = format!("{:.0}", p.one_in());
            let label = match self.output.lang {
                Lang::Ja => format!("{years}年に1度の年"),
                Lang::En => format!("one year in {years}"),
            };
            row(label, &|case| self.amount(case.losses.percentiles[n].1.value));
        }
        row(word("最悪の1%の年の平均", "mean of the worst 1% of years"), &|case| {
            self.amount(case.losses.worst.value)
        });
        if self.q.cases.iter().any(|case| case.premiums > 0.0) {
            row(word("保険料（年）", "premiums a year"), &|case| self.amount(case.premiums));
        }
        if self.q.affordable.cash.is_some() {
            row(word("支払える額を超える年の割合", "years beyond what can be paid"), &|case| {
                case.beyond_cash.map(percent).unwrap_or_default()
            });
        }
        self.table(&rows);
    }

    fn scenarios(&mut self) {
        if self.q.scenarios.is_empty() {
            return;
        }
        if self.q.is_insured() {
            self.heading(
                "シナリオごとの損失（年間の平均と割合は保険の支払い後）",
                "Loss by scenario (mean and shares after insurance has paid)",
            );
        } else {
            self.heading("シナリオごとの損失", "Loss by scenario");
        }
        let total: f64 = self.q.scenarios.iter().map(|s| s.mean).sum();
        let bad: f64 = self.q.scenarios.iter().map(|s| s.in_bad_years).sum();
        let share = |part: f64, of: f64| percent(if of > 0.0 { part / of } else { 0.0 });
        let word = |ja: &str, en: &str| self.output.word(ja, en).to_owned();
        let mut rows = vec![vec![
            word("シナリオ", "scenario"),
            word("頻度", "how often"),
            word("1件の損失", "one costs"),
            word("年間の平均", "mean a year"),
            word("平均の割合", "of the mean"),
            word("悪い年の割合", "of bad years"),
        ]];
        let shown = if self.verbose { self.q.scenarios.len() } else { MOST.min(self.q.scenarios.len()) };
        for result in &self.q.scenarios[..shown] {
            let scenario = &self.q.model.scenarios[result.at];
            rows.push(vec![
                self.get(&scenario.name),
                self.get(&often(scenario.numbers.frequency.mean())),
                self.amount(scenario.numbers.mean_loss()),
                self.amount(result.mean),
                share(result.mean, total),
                share(result.in_bad_years, bad),
            ]);
        }
        self.table(&rows);
        let more = self.q.scenarios.len() - shown;
        if more > 0 {
            let line = match self.output.lang {
                Lang::Ja => format!("ほかに{more}件（`--verbose`で全件）"),
                Lang::En => format!("{more} more (all with `--verbose`)"),
            };
            let _ = writeln!(self.out, "{}", self.output.faint(&line));
        }
        if self.verbose {
            self.origins();
        }
    }

    /// What a year costs by what it is for.
    fn categories(&mut self) {
        let total: f64 = self.q.categories.iter().map(|c| c.mean).sum();
        if total <= 0.0 {
            return;
        }
        self.heading("損失の内訳（保険の支払い前）", "Loss by category of cost (before insurance pays)");
        let word = |ja: &str, en: &str| self.output.word(ja, en).to_owned();
        let has_plan = self.q.plan.is_some();
        let mut head =
            vec![word("費目", "category"), word("年間の平均", "mean a year"), word("割合", "share")];
        if has_plan {
            head.push(word("計画の対策後", "with the plan"));
        }
        let mut rows = vec![head];
        for result in &self.q.categories {
            let mut row = vec![
                self.get(&result.category.name()),
                self.amount(result.mean),
                percent(result.mean / total),
            ];
            if has_plan {
                row.push(self.amount(result.after));
            }
            rows.push(row);
        }
        self.table(&rows);
        if self.q.model.assumptions.iter().any(|a| a.used_for == UsedFor::Split) {
            let note = self.output.word(
                "総額しか分からない損失は、目安の会社の費目の割合で分けています。総額は変わりません。",
                "A loss that is known as a whole only is split in the proportions that cost items have at a firm of reference size. The whole stays what it is.",
            );
            self.paragraph(note, 0);
        }
    }

    /// Id, and where frequency and loss of each scenario come from.
    fn origins(&mut self) {
        let _ = writeln!(self.out);
        for result in &self.q.scenarios {
            let scenario = &self.q.model.scenarios[result.at];
            let (low, high) = scenario.numbers.frequency.range();
            let line = match self.output.lang {
                Lang::Ja => format!(
                    "{}: 頻度は年{low:.3}から{high:.3}件（{}）、損失は{}",
                    scenario.id,
                    self.get(&scenario.frequency_from.name()),
                    self.get(&scenario.loss_from.name()),
                ),
                Lang::En => format!(
                    "{}: {low:.3} to {high:.3} a year ({}), loss: {}",
                    scenario.id,
                    self.get(&scenario.frequency_from.name()),
                    self.get(&scenario.loss_from.name()),
                ),
            };
            let parts = scenario.numbers.parts.iter().zip(&scenario.categories);
            let parts: Vec<String> = parts
                .map(|(part, category)| {
                    let mean = self.amount(part.amount.mean() * part.chance.value());
                    format!("{} {mean}", self.get(&category.name()))
                })
                .collect();
            let line = if parts.len() > 1 { format!("{line} ({})", parts.join(" + ")) } else { line };
            self.paragraph(&line, 2);
        }
    }

    fn measures(&mut self) {
        if self.q.measures.is_empty() {
            return;
        }
        if self.q.is_insured() {
            self.heading(
                "対策の費用対効果（保険の支払い後）",
                "What measures are worth (after insurance has paid)",
            );
        } else {
            self.heading("対策の費用対効果", "What measures are worth");
        }
        let word = |ja: &str, en: &str| self.output.word(ja, en).to_owned();
        let mut rows = vec![vec![
            word("対策", "measure"),
            word("年間の費用", "cost a year"),
            word("これだけ行うと減る損失", "done alone, saves"),
            word("これを外すと増える損失", "left out, costs"),
            word("投資効果", "return"),
        ]];
        let shown = if self.verbose { self.q.measures.len() } else { MOST.min(self.q.measures.len()) };
        for result in &self.q.measures[..shown] {
            let measure = &self.q.model.measures[result.at];
            let cost = match (&measure.by_other, measure.cost) {
                (Some(other), _) => match self.output.lang {
                    Lang::Ja => format!("{}が負担", self.get(&other.name)),
                    Lang::En => format!("paid by {}", self.get(&other.name)),
                },
                (None, Some(cost)) => self.amount(cost.amount()),
                (None, None) => word("不明", "not known"),
            };
            let cost = if measure.has_default_cost() { format!("{cost}*") } else { cost };
            // Work without a price is no part of the return: say so beside it.
            let cost = if measure.days >= 1.0 {
                format!("{cost} + {:.0} {}", measure.days, word("人日", "days"))
            } else {
                cost
            };
            let rosi = result.rosi.map_or_else(|| "–".to_owned(), |value| self.get(&rosi(value)));
            let name = wrap(measure.name.get(self.output.lang), 50);
            let name = if name.len() > 1 { format!("{}…", name[0].trim_end()) } else { name[0].clone() };
            rows.push(vec![name, cost, self.amount(result.saves), self.amount(result.left_out), rosi]);
        }
        self.table(&rows);
        let more = self.q.measures.len() - shown;
        if more > 0 {
            let line = match self.output.lang {
                Lang::Ja => format!("ほかに{more}件（`--verbose`で全件）"),
                Lang::En => format!("{more} more (all with `--verbose`)"),
            };
            let _ = writeln!(self.out, "{}", self.output.faint(&line));
        }
        self.plan();
        if self.q.model.measures.iter().any(MeasureValue::has_default_cost) {
            let note = self.output.word(
                "* 対策の規模（小・中・大）と対象の台数から置いた目安です（`anshin catalog list efforts`）。システム文書か金額ファイルの`measures`に費用を書くと置き換わります。",
                "* Our estimate from the effort (small, medium, large) and the number of assets (`anshin catalog list efforts`). A cost under `measures` in the system document or the money file replaces it.",
            );
            self.paragraph(note, 0);
        }
    }

    /// All measures together.
    fn plan(&mut self) {
        let Some(plan) = &self.q.plan else { return };
        let amount = |value: f64| self.amount(value.abs());
        let (saves, error, cost, by_others) =
            (amount(plan.saves.value), amount(plan.saves.error), amount(plan.cost), amount(plan.by_others));
        let rosi = plan.rosi.map(|value| self.get(&rosi(value)));
        let rises = plan.saves.value < 0.0;
        let mut line = match self.output.lang {
            Lang::Ja => {
                let what = if rises { "増え" } else { "減り" };
                let what = format!("すべて行うと年{saves}（標準誤差{error}）{what}");
                match rosi {
                    Some(rosi) => format!("{what}、費用は年{cost}、投資効果は{rosi}です。"),
                    None if plan.without_cost > 0 => {
                        format!("{what}ます。費用の分からない対策が{}件あります。", plan.without_cost)
                    }
                    None => format!("{what}ます。"),
                }
            }
            Lang::En => {
                let what = if rises { "add" } else { "save" };
                let what = format!("All together {what} {saves} a year (standard error {error})");
                match rosi {
                    Some(rosi) => format!("{what} and cost {cost} a year: a return of {rosi}."),
                    None if plan.without_cost > 0 => {
                        let have = if plan.without_cost == 1 { "has" } else { "have" };
                        format!("{what}. {} of them {have} no cost.", plan.without_cost)
                    }
                    None => format!("{what}."),
                }
            }
        };
        if plan.by_others > 0.0 {
            let _ = match self.output.lang {
                Lang::Ja => {
                    write!(line, "ほかのステークホルダーの費用は年{by_others}で、投資効果には含めません。")
                }
                Lang::En => write!(
                    line,
                    " What other stakeholders pay, {by_others} a year, is not part of the return."
                ),
            };
        }
        if plan.uncounted_days >= 1.0 {
            let days = plan.uncounted_days;
            let _ = match self.output.lang {
                Lang::Ja => write!(
                    line,
                    "社内の作業{days:.0}人日は費用にも投資効果にも含めていません（金額ファイルの`business`に`person-day`、1人日の金額を書くと含めます）。"
                ),
                Lang::En => write!(
                    line,
                    " Own work of {days:.0} person-days is no part of cost and return; write `person-day`, the price of one, under `business` in the money file."
                ),
            };
        }
        if plan.from == PlanFrom::Chosen {
            line.push_str(self.output.word(
                "対策は`anshin plan`が選んだもので、一度の費用は3年に分けて数えています。",
                " The measures are those that `anshin plan` chooses; a single cost is spread over three years.",
            ));
        }
        self.paragraph(&line, 0);
    }

    fn judgements(&mut self) {
        self.heading("経営者の判断のために", "For the management to decide");
        let (q, output) = (self.q, self.output);
        let mark = |holds: Option<bool>| match holds {
            Some(true) => output.good(output.word("〇", "yes")),
            Some(false) => output.bad(output.word("×", "no ")),
            None => output.faint(output.word("？", "?  ")),
        };
        let lines = [
            (mark(q.worthwhile.holds), q.worthwhile.sentence(&q.currency)),
            (mark(q.affordable.holds), q.affordable.sentence(q.bad_year, &q.currency)),
            (mark(None).replace(['?', '？'], output.word("・", "-")), q.posture.sentence()),
        ];
        for (mark, sentence) in lines {
            for (n, line) in wrap(sentence.get(output.lang), WIDTH - 4).into_iter().enumerate() {
                let start = if n == 0 {
                    format!("{mark} ")
                } else {
                    " ".repeat(output.word("〇", "yes").width() + 1)
                };
                let _ = writeln!(self.out, "{start}{line}");
            }
        }
        let policies = [
            (&q.insurance_in_place, "加入中の保険", "Insurance in place"),
            (&q.insurance, "検討中の保険", "Considered insurance"),
        ];
        for (insurance, ja, en) in policies {
            let Some(insurance) = insurance else { continue };
            let sentence = self.get(&insurance.sentence(&q.currency));
            self.paragraph(&format!("{}: {sentence}", output.word(ja, en)), 0);
        }
    }

    fn assumptions(&mut self) {
        if self.q.model.assumptions.is_empty() {
            return;
        }
        self.heading("既定値（金額ファイルで置き換えられます）", "Defaults (the money file replaces them)");
        let of = |used_for: UsedFor| -> Vec<&Assumption> {
            self.q.model.assumptions.iter().filter(|a| a.used_for == used_for).collect()
        };
        let (numbers, split) = (of(UsedFor::Numbers), of(UsedFor::Split));
        self.defaults(&numbers);
        if !split.is_empty() {
            let line = self.output.word(
                "費目の割合に使った値（総額には使っていません）：",
                "Used for the split by category only, not for the whole:",
            );
            self.paragraph(line, 0);
            self.defaults(&split);
        }
        let next = self.output.word(
            "自社の数値を書くには: `anshin quantify システム --template > money.yaml`で雛形を作り、`--money money.yaml`で読み込みます。",
            "To write your own numbers: `anshin quantify SYSTEM --template > money.yaml` makes a file to fill in, `--money money.yaml` reads it.",
        );
        self.paragraph(next, 0);
    }

    /// Defaults one by one; those in a row that come from the same source share its line.
    fn defaults(&mut self, assumptions: &[&Assumption]) {
        let origin =
            |a: &Assumption| format!("{}, {}, {}", a.sources.join("; "), a.date, self.get(&a.basis.name()));
        let origins: Vec<String> = assumptions.iter().map(|a| origin(a)).collect();
        for (n, assumption) in assumptions.iter().enumerate() {
            let about = format!("{} {}", assumption.about.get(self.output.lang), self.get(&ends(assumption)));
            self.paragraph(&about, 0);
            if origins.get(n + 1) != Some(&origins[n]) {
                for line in wrap(&origins[n], WIDTH - 4) {
                    let _ = writeln!(self.out, "    {}", self.output.faint(&line));
                }
            }
        }
    }

    fn certainty(&mut self) {
        self.heading("計算の確かさ", "How sure the calculation is");
        let text = self.get(&self.q.convergence.sentence(self.q.run, &self.q.currency));
        self.paragraph(&text, 0);
        let limits = self.output.word(
            "これはシミュレーションの誤差です。頻度と損失の範囲そのものの確かさは含みません。",
            "This is the error of the simulation. How sure the ranges of frequency and loss are is another matter.",
        );
        self.paragraph(limits, 0);
    }
}

/// A money file to fill in, with the questions that help most first.
pub(crate) fn template(setting: &Setting, catalog: &Catalog, lang: Lang) -> String {
    let word = |ja: &'static str, en: &'static str| match lang {
        Lang::Ja => ja,
        Lang::En => en,
    };
    let mut out = String::from("anshin-money: 1\n");
    let _ = writeln!(out, "organization: {}   # {}", setting.organization, setting.name.get(lang));
    let _ = writeln!(
        out,
        "\n# {}",
        word(
            "まず、分かる数だけを書いてください（円）。分からない行は消してください。",
            "Begin with the numbers you know, in yen; remove the lines of those you do not."
        )
    );
    let _ = writeln!(out, "# business:");
    for (key, ja, en) in [
        ("turnover: 300000000", "年間の売上高", "turnover of a year"),
        ("profit-per-day: 400000", "1日止まると失う利益", "profit that a day of standstill costs"),
        ("person-day: 30000", "社員の1人日の費用", "what a day of work of your own people costs"),
        ("emergency-cash: 30000000", "緊急時に支払える額", "what can be paid in an emergency"),
        ("people: 1000", "個人情報を預かっている人数", "people whose data you keep"),
        ("units: 2000", "回収が及ぶ出荷済みの台数", "devices in the field that a recall would reach"),
        ("people-hurt: 1", "事故1件で負傷しうる人数", "people whom one accident would hurt"),
        (
            "security-spending: 1000000",
            "今の年間のセキュリティ対策費",
            "what you spend on security in a year today",
        ),
    ] {
        let _ = writeln!(out, "#   {key}   # {}", word(ja, en));
    }
    let _ = writeln!(
        out,
        "# posture: {{ it: supporting, security: understood }}   # {}",
        word(
            "it: strategic supporting restricted none / security: pursued understood not-understood no-means",
            "it: strategic supporting restricted none / security: pursued understood not-understood no-means"
        )
    );
    let _ = writeln!(
        out,
        "\n# {}",
        word(
            "起こりやすさの区分ごとの、システム全体での年間の件数。",
            "Incidents a year in the whole system, by class of likelihood."
        )
    );
    let _ = writeln!(out, "# frequencies:");
    for class in setting.classes.iter().rev() {
        if let Some(range) = catalog.default_ranges.get(format!("frequency.{}", class.id).as_str()) {
            let _ = writeln!(
                out,
                "#   - {{ class: {}, per-year: {{ low: {}, high: {} }} }}   # {}",
                class.id,
                range.low,
                range.high,
                class.name.get(lang)
            );
        }
    }
    let _ = writeln!(
        out,
        "\n# {}",
        word(
            "シナリオごとの数。90%区間（5%の場合だけ下回る額と、5%の場合だけ上回る額）。",
            "Numbers for single scenarios: 90 % intervals, with 5 of 100 cases below and 5 above."
        )
    );
    let _ = writeln!(out, "# scenarios:");
    for risk in &setting.risks {
        let _ = writeln!(out, "#   - scenario: {}   # {}", risk.id, risk.name.get(lang));
        let _ = writeln!(out, "#     per-year: {{ low: 0.01, high: 0.1 }}");
        let _ = writeln!(out, "#     loss: {{ low: 1000000, high: 20000000 }}");
    }
    let _ = writeln!(
        out,
        "\n# {}",
        word(
            "対策の費用と効果（prevents: 防ぐ割合、softens: 減らす割合）。",
            "Cost and effect of measures (prevents: share of incidents, softens: share of the loss)."
        )
    );
    let _ = writeln!(out, "# measures:");
    let own = setting.plan.is_empty();
    for planned in &setting.plan {
        let _ = writeln!(
            out,
            "#   - {{ id: {}, cost: 500000, cost-per-year: 100000 }}   # {}",
            planned.id,
            planned.name.get(lang)
        );
    }
    if own {
        let _ = writeln!(
            out,
            "#   - {{ id: backup, name: {}, cost-per-year: 300000, softens: 0.4 }}",
            word("バックアップの外部保管", "Backups kept elsewhere")
        );
    }
    let _ = writeln!(
        out,
        "\n# {}",
        word(
            "保険（cyber: included 対象、silent 約款に定めなし、excluded 対象外）。",
            "Insurance (cyber: included, silent if the terms say nothing, excluded)."
        )
    );
    let _ = writeln!(out, "# insurance:");
    let _ = writeln!(
        out,
        "#   - {{ id: cyber, status: considered, premium: 300000, deductible: 500000, limit: 50000000 }}"
    );
    out
}
