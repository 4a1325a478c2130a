//! A plan as text for the terminal, for people who have never heard of optimization.

use std::fmt::Write as _;

use anshin_catalog::Matrix;
use anshin_model::{Id, Lang, Text};
use anshin_plan::{Before, Binding, Cheaper, Chosen, Goal, Standing, SystemPlan, Verdict};
use anshin_quantify::Quantification;
use anshin_quantify::amount::{money, rosi};
use anshin_quantify::summary;
use anshin_report::{Subject, plan_words};

use crate::output::{Output, pad, wrap};

/// Columns of the output.
const WIDTH: usize = 100;

/// Scenarios that are named for a measure before the rest is only counted.
const NAMED: usize = 3;

/// Scenarios to be accepted that are named before the rest is only counted.
const MOST: usize = 10;

/// A plan and what it was made from.
pub(crate) struct View<'a> {
    pub(crate) subject: Subject<'a>,
    pub(crate) matrix: &'a Matrix,
    pub(crate) plan: &'a SystemPlan,
    pub(crate) money: Option<&'a Quantification>,
    pub(crate) output: Output,
}

impl View<'_> {
    /// The whole plan.
    pub(crate) fn plan(&self) -> String {
        let mut out = String::new();
        let name = &self.subject.system.document.system.name;
        let _ = writeln!(out, "{}", self.output.strong(self.text(name)));
        self.short(&mut out);
        if matches!(self.plan.verdict, Verdict::Planned(_)) {
            self.measures(&mut out);
            self.quarters(&mut out);
            self.stays(&mut out);
            self.cheaper(&mut out);
        }
        self.curve(&mut out);
        self.in_money(&mut out);
        self.notes(&mut out);
        out
    }

    fn text<'t>(&self, text: &'t Text) -> &'t str {
        text.get(self.output.lang)
    }

    fn heading(&self, out: &mut String, ja: &str, en: &str) {
        let _ = writeln!(out, "\n{}", self.output.heading(self.output.word(ja, en)));
    }

    /// A paragraph, indented by so many columns.
    fn say(&self, out: &mut String, indent: usize, ja: &str, en: &str) {
        for line in wrap(self.output.word(ja, en), WIDTH - indent) {
            let _ = writeln!(out, "{:indent$}{line}", "");
        }
    }

    fn money(&self, amount: u64) -> String {
        plan_words::money(amount, self.output.lang)
    }

    fn scenario(&self, id: &Id) -> String {
        let found = self.plan.scenarios.iter().find(|scenario| scenario.id == *id);
        found.map_or_else(
            || id.to_string(),
            |s| plan_words::scenario(&self.subject, s).get(self.output.lang).to_owned(),
        )
    }

    fn measure(&self, chosen: &Chosen) -> String {
        plan_words::measure(&self.subject, chosen).get(self.output.lang).to_owned()
    }

    /// What the plan comes to, in a few sentences.
    fn short(&self, out: &mut String) {
        let plan = self.plan;
        self.heading(out, "1. 計画のあらまし", "1. The plan in short");
        let (open, years) = (plan.choices, plan.years);
        if !matches!(plan.verdict, Verdict::Planned(_)) {
            self.no_plan(out);
            return;
        }
        match plan.goal {
            Goal::Inside => {
                let lead = plan_words::lead(plan);
                self.say(
                    out,
                    0,
                    &format!("候補となる{open}件の対策から選びました。{}", lead.get(Lang::Ja)),
                    &format!("Chosen from {open} measures that could be taken. {}", lead.get(Lang::En)),
                );
            }
            Goal::Best => self.say(
                out,
                0,
                &format!("候補となる{open}件の対策から、予算と制限の中でリスクを最も減らす組合せを選びました。"),
                &format!("Of {open} measures that could be taken, this is the set that lowers risk the most within the budget and the limits."),
            ),
        }
        let (now, after) = (plan.now, plan.after);
        let (cost, days) = (self.money(plan.cost), plan.days);
        let impairs = self.money(plan.impairs);
        let rows = [
            (
                Text::new("費用", "Cost"),
                Text::new(format!("{years}年間で{cost}"), format!("{cost} over {years} years")),
            ),
            (
                Text::new("弱めるおそれの換算額", "Counted for weakening"),
                Text::new(
                    format!("{impairs}（比べるときだけ加え、支払いはありません）"),
                    format!("{impairs} (only when sets are compared; nobody pays it)"),
                ),
            ),
            (
                Text::new("社内の作業", "Own work"),
                Text::new(format!("{days}人日"), format!("{days} person-days")),
            ),
            (
                Text::new("目標の外にあるシナリオ", "Scenarios outside the target"),
                Text::new(
                    format!("{} → {}", now.outside, after.outside),
                    format!("{} -> {}", now.outside, after.outside),
                ),
            ),
            (
                Text::new("リスクの点数", "Points of risk"),
                Text::new(
                    format!("{} → {}", now.points, after.points),
                    format!("{} -> {}", now.points, after.points),
                ),
            ),
        ];
        for (name, value) in &rows {
            let _ = writeln!(out, "  {} {}", pad(self.text(name), 30), self.text(value));
        }
        let proof = plan_words::proof(plan);
        self.say(out, 2, proof.get(Lang::Ja), proof.get(Lang::En));
    }

    fn no_plan(&self, out: &mut String) {
        match self.plan.verdict {
            Verdict::Unknown => self.say(
                out,
                2,
                "決められた手間の中では計画が見つかりませんでした。--effortを増やしてください。",
                "No plan was found with the effort allowed. Allow more with --effort.",
            ),
            _ if !self.plan.bindings.is_empty() => self.say(
                out,
                2,
                "計画は立てられません。必ず実施する対策（決定済み、法令で必要、--require）だけで制限を超えます。",
                "There is no plan: what has to be done anyway (decided, demanded by law, --require) breaks a limit.",
            ),
            _ => self.say(
                out,
                2,
                "計画は立てられません。必ず実施する対策（決定済み、法令で必要、--require）の組み合わせが成り立ちません。",
                "There is no plan: what has to be done anyway (decided, demanded by law, --require) does not go together.",
            ),
        }
        for conflict in &self.plan.conflicts {
            let text = plan_words::conflict(&self.subject, conflict);
            self.say(out, 2, text.get(Lang::Ja), text.get(Lang::En));
        }
        self.bindings(out);
    }

    /// Each measure with its cost, where it acts and why it is there.
    fn measures(&self, out: &mut String) {
        self.heading(out, "2. 実施する対策", "2. What to do");
        if self.plan.measures.is_empty() {
            let why = plan_words::nothing_chosen(self.plan);
            self.say(out, 2, why.get(Lang::Ja), why.get(Lang::En));
        }
        for (n, chosen) in self.plan.measures.iter().enumerate() {
            let by = self.subject.stakeholder(&chosen.by);
            let _ = writeln!(out, "{:>3}. {}", n + 1, self.output.strong(&self.measure(chosen)));
            let star = if chosen.is_default { "*" } else { "" };
            let once = self.money(chosen.once);
            let yearly = self.money(chosen.per_year);
            let days = chosen.days;
            let (mut ja, mut en) =
                (format!("{}　{once}", by.get(Lang::Ja)), format!("{}, {once}", by.get(Lang::En)));
            if chosen.per_year > 0 {
                let _ = write!(ja, "＋毎年{yearly}");
                let _ = write!(en, " and {yearly} a year");
            }
            let _ = write!(ja, "　{days}人日{star}");
            let _ = write!(en, ", {days} person-days{star}");
            self.say(out, 5, &ja, &en);
            let _ = writeln!(out, "     {}", self.output.faint(&format!("id: {}", chosen.id)));
            self.place(out, chosen);
            self.why(out, chosen);
        }
    }

    fn place(&self, out: &mut String, chosen: &Chosen) {
        let names = |lang: Lang| {
            let names: Vec<String> =
                chosen.on.iter().map(|id| self.subject.asset(id).get(lang).to_owned()).collect();
            names.join(if lang == Lang::Ja { "、" } else { ", " })
        };
        if !chosen.on.is_empty() {
            self.say(out, 5, &format!("対象: {}", names(Lang::Ja)), &format!("Where: {}", names(Lang::En)));
        }
        for stand_in in &chosen.stand_ins {
            let text = plan_words::stand_in(&self.subject, stand_in);
            self.say(out, 5, text.get(Lang::Ja), text.get(Lang::En));
        }
        if let Some(caution) = plan_words::caution(&self.subject, chosen) {
            let (mut ja, mut en) = (caution.get(Lang::Ja).to_owned(), caution.get(Lang::En).to_owned());
            if chosen.impairs > 0 {
                let impairs = self.money(chosen.impairs);
                let _ = write!(ja, "（比較では{impairs}高く数えています）");
                let _ = write!(en, " (Counts as {impairs} dearer in comparisons.)");
            }
            self.say(out, 5, &format!("注意: {ja}"), &format!("Mind: {en}"));
        }
    }

    fn why(&self, out: &mut String, chosen: &Chosen) {
        match chosen.standing {
            Standing::ByLaw => {
                self.say(out, 5, "法令で必要なため、必ず実施します。", "The law demands it.");
            }
            Standing::Decided => self.say(
                out,
                5,
                "実施が決まっているため、必ず含めます。",
                "It is decided already, so every plan has it.",
            ),
            _ => {}
        }
        if !chosen.helps.is_empty() {
            let named: Vec<String> =
                chosen.helps.iter().take(NAMED).map(|(id, _)| self.scenario(id)).collect();
            let rest = chosen.helps.len().saturating_sub(NAMED);
            let mut ja = format!("これがないと悪くなるもの: {}", named.join("、"));
            let mut en = format!("Without it, worse: {}", named.join("; "));
            if rest > 0 {
                let _ = write!(ja, "、ほか{rest}件");
                let _ = write!(en, "; and {rest} more");
            }
            self.say(out, 5, &ja, &en);
        }
        for other in &chosen.for_others {
            let found = self.plan.measures.iter().find(|chosen| chosen.id == *other);
            let name = found.map_or_else(|| other.to_string(), |chosen| self.measure(chosen));
            self.say(out, 5, &format!("「{name}」の前提になります。"), &format!("\"{name}\" needs it."));
        }
    }

    /// When what is done.
    fn quarters(&self, out: &mut String) {
        if self.plan.measures.is_empty() {
            return;
        }
        self.heading(out, "3. いつ実施するか", "3. When");
        let mut last = None;
        for (n, chosen) in self.plan.measures.iter().enumerate() {
            if last != Some(chosen.from) {
                last = Some(chosen.from);
                let quarter = plan_words::quarter(chosen.from);
                let _ = writeln!(out, "  {}", self.output.strong(self.text(&quarter)));
            }
            let mut ja = format!("{}. {}", n + 1, self.measure(chosen));
            let mut en = ja.clone();
            if chosen.quick_win {
                ja.push_str("（すぐに効く）");
                en.push_str(" (quick win)");
            }
            if chosen.to > chosen.from {
                let until = plan_words::quarter(chosen.to);
                let _ = write!(ja, "（{}まで）", until.get(Lang::Ja));
                let _ = write!(en, " (until {})", until.get(Lang::En));
            }
            self.say(out, 4, &ja, &en);
        }
        for (quarter, state) in &self.plan.quarters {
            let quarter = plan_words::quarter(*quarter);
            let (outside, points) = (state.outside, state.points);
            self.say(
                out,
                2,
                &format!(
                    "{}の終わり: 目標の外のシナリオ{outside}件、リスクの点数{points}",
                    quarter.get(Lang::Ja)
                ),
                &format!(
                    "At the end of {}: {outside} scenarios outside the target, {points} points of risk",
                    quarter.get(Lang::En)
                ),
            );
        }
        let pace = plan_words::pace(self.plan);
        self.say(
            out,
            2,
            &format!("（{}--days-per-quarterで変えられます）", pace.get(Lang::Ja)),
            &format!("({} --days-per-quarter changes that.)", pace.get(Lang::En)),
        );
    }

    /// What is left, and why.
    fn stays(&self, out: &mut String) {
        self.heading(out, "4. 残るリスク", "4. What stays");
        let plan = self.plan;
        let left: Vec<_> = plan.scenarios.iter().filter(|scenario| scenario.after.outside).collect();
        if left.is_empty() {
            self.say(out, 2, "目標の外に残るシナリオはありません。", "No scenario stays outside the target.");
        }
        for scenario in &left {
            let _ = writeln!(out, "  {}", self.then(scenario));
            if let Some(stuck) = plan.stuck.iter().find(|stuck| stuck.scenario == scenario.id) {
                let why = plan_words::stuck(&self.subject, stuck);
                self.say(out, 6, why.get(Lang::Ja), why.get(Lang::En));
            }
        }
        self.to_accept(out);
        if !plan.accepted.is_empty() {
            self.say(
                out,
                2,
                "受容されているため、対策の理由に数えていないシナリオ:",
                "Accepted, and so no reason for any measure:",
            );
        }
        for accepted in &plan.accepted {
            let (scenario, who) = (self.scenario(&accepted.scenario), plan_words::accepted(accepted));
            let line = match self.output.lang {
                Lang::Ja => format!("{scenario}（{}）", who.get(Lang::Ja)),
                Lang::En => format!("{scenario}: {}", who.get(Lang::En)),
            };
            let _ = writeln!(out, "    {line}");
        }
        if left.is_empty() && !plan.outside.is_empty() {
            let names = |lang: Lang| {
                let names: Vec<String> =
                    plan.outside.iter().map(|id| self.subject.stakeholder(id).get(lang).to_owned()).collect();
                names.join(if lang == Lang::Ja { "、" } else { ", " })
            };
            self.say(
                out,
                2,
                &format!(
                    "ただし{}の水準は、どのシナリオにもよらない評価なので、対策では変わりません。",
                    names(Lang::Ja)
                ),
                &format!(
                    "The levels of {} do not rest on any scenario, so no measure changes them.",
                    names(Lang::En)
                ),
            );
        }
        self.bindings(out);
    }

    /// A scenario with its risk as things are and with the plan.
    fn then(&self, scenario: &Before) -> String {
        let risk = |class: usize| self.text(&self.matrix.risk[class].name);
        format!(
            "{} {} → {}",
            plan_words::scenario(&self.subject, scenario).get(self.output.lang),
            self.output.faint(risk(scenario.now.risk)),
            risk(scenario.after.risk)
        )
    }

    /// What is inside the target and still needs somebody's answer.
    fn to_accept(&self, out: &mut String) {
        let all: Vec<&Before> = self.plan.to_accept().collect();
        if all.is_empty() {
            return;
        }
        let said = plan_words::to_accept(all.len());
        self.say(out, 2, said.get(Lang::Ja), said.get(Lang::En));
        for scenario in all.iter().take(MOST) {
            let _ = writeln!(out, "    {}", self.then(scenario));
            let _ = writeln!(out, "      {}", self.output.faint(&format!("id: {}", scenario.id)));
        }
        if let Some(more) = all.len().checked_sub(MOST).filter(|more| *more > 0) {
            self.say(
                out,
                4,
                &format!("ほかに{more}件（--format jsonで全件）"),
                &format!("and {more} more (all with --format json)"),
            );
        }
        self.say(
            out,
            2,
            "受け入れるには文書の`acceptances:`に`scenario`、`by`、`until`、`reason`を書きます。目標に収めたあとさらに下げる対策は、`--goal effect`で選べます。",
            "To accept one, write `scenario`, `by`, `until` and `reason` under `acceptances:` in the document; `--goal effect` chooses measures that go below the target.",
        );
    }

    fn bindings(&self, out: &mut String) {
        for binding in &self.plan.bindings {
            let text = self.binding(binding);
            self.say(out, 2, text.get(Lang::Ja), text.get(Lang::En));
        }
    }

    fn binding(&self, binding: &Binding) -> Text {
        plan_words::binding(&self.subject, binding)
    }

    /// The next cheaper set.
    fn cheaper(&self, out: &mut String) {
        if self.plan.cheaper.is_none() && !self.plan.cheaper_unknown {
            return;
        }
        self.heading(out, "5. もっと安く済ませると", "5. If it has to be cheaper");
        let Some(cheaper) = &self.plan.cheaper else {
            self.say(
                out,
                2,
                "決められた手間の中では、より安い組合せは見つかりませんでした。ないとは言い切れません。--effortを増やすと、さらに調べます。",
                "No cheaper set was found with the effort allowed, which does not mean that there is none. A larger --effort looks further.",
            );
            return;
        };
        self.one_cheaper(out, cheaper, ("次に安い組合せ", "The next cheaper set"));
        if let Some(leaving) = &self.plan.leaving {
            self.one_cheaper(
                out,
                leaving,
                (
                    "弱めるおそれの換算額を足しても安い組合せ",
                    "The nearest set that is cheaper with weakening counted",
                ),
            );
        }
    }

    fn one_cheaper(&self, out: &mut String, cheaper: &Cheaper, (ja, en): (&str, &str)) {
        for text in plan_words::cheaper(&self.subject, self.plan, cheaper, &Text::new(ja, en)) {
            self.say(out, 2, text.get(Lang::Ja), text.get(Lang::En));
        }
        for id in &cheaper.leaves {
            let _ = writeln!(out, "    {}", self.scenario(id));
        }
    }

    /// What money buys, as bars.
    fn curve(&self, out: &mut String) {
        const BAR: usize = 40;
        if self.plan.curve.len() < 2 {
            return;
        }
        self.heading(out, "6. 費用と残るリスク", "6. What money buys");
        let most = self.plan.curve.iter().map(|point| point.state.points).max().unwrap_or(0).max(1);
        for point in &self.plan.curve {
            let bar = (point.state.points as usize * BAR).div_ceil(most as usize);
            let unsure = if point.proven { "" } else { self.output.word("（概算）", " (about)") };
            let weak = if point.weakens_more { " †" } else { "" };
            let state = match self.output.lang {
                Lang::Ja => format!("{}点、目標の外{}件", point.state.points, point.state.outside),
                Lang::En => {
                    let s = if point.state.points == 1 { "" } else { "s" };
                    format!("{} point{s}, {} outside", point.state.points, point.state.outside)
                }
            };
            let _ = writeln!(
                out,
                "  {:>18} {} {state}{unsure}{weak}",
                self.money(point.cost),
                pad(&"█".repeat(bar), BAR)
            );
        }
        let curve = plan_words::curve(self.plan);
        self.say(
            out,
            2,
            &format!("{}グラフは--format svgで書き出せます。", curve.get(Lang::Ja)),
            &format!("{} --format svg draws it.", curve.get(Lang::En)),
        );
        if self.plan.curve.iter().any(|point| point.weakens_more) {
            self.say(
                out,
                2,
                "† この計画より、可用性や安全を弱めるおそれが大きい組合せです。安く見えるのはそのためです。",
                "† Can weaken availability or safety more than this plan, which is why it looks cheaper.",
            );
        }
    }

    /// What the plan changes in money.
    fn in_money(&self, out: &mut String) {
        let Some(q) = self.money else { return };
        self.heading(out, "7. 金額で見た効果", "7. In money");
        let summary = summary::paragraph(q);
        self.say(out, 2, summary.get(Lang::Ja), summary.get(Lang::En));
        let amount = |value: f64| money(value, &q.currency).get(self.output.lang).to_owned();
        let years = format!("{:.0}", q.bad_year.one_in());
        for case in &q.cases {
            let (mean, bad) =
                (amount(case.losses.mean.value), amount(case.losses.percentile(q.bad_year).value));
            self.say(
                out,
                2,
                &format!("{}: 年平均{mean}、{years}年に1度の年{bad}", case.kind.name().get(Lang::Ja)),
                &format!("{}: {mean} a year, {bad} in one year of {years}", case.kind.name().get(Lang::En)),
            );
        }
        if let Some(value) = q.plan.as_ref().and_then(|plan| plan.rosi) {
            let rosi = rosi(value);
            let (ja, en) = (rosi.get(Lang::Ja), rosi.get(Lang::En));
            self.say(
                out,
                2,
                &format!("投資効果（ROSI）: {ja}（{}が負担する費用に対して）", q.name.get(Lang::Ja)),
                &format!("Return (ROSI): {en}, on what {} pays", q.name.get(Lang::En)),
            );
        }
        self.say(
            out,
            2,
            "詳しくは`anshin quantify --plan --money`で示します。",
            "`anshin quantify --plan --money` shows the whole.",
        );
    }

    fn notes(&self, out: &mut String) {
        out.push('\n');
        let mut notes = Vec::new();
        if self.plan.measures.iter().any(|chosen| chosen.is_default) {
            notes.push(Text::new(
                "* 費用と人日は、対策の規模（小・中・大）と対象の台数から置いた目安です（`anshin catalog list efforts`）。実際の金額が分かれば、文書の`measures`に`cost`、`cost-per-year`、`days`を書いてください。",
                "* Cost and days are our estimates from the effort (small, medium, large) and the number of assets (`anshin catalog list efforts`). Once you know better, write `cost`, `cost-per-year` and `days` under `measures` in the document.",
            ));
        }
        if self.plan.measures.iter().any(|chosen| chosen.written.is_none()) {
            let file = "FILE";
            notes.push(Text::new(
                format!("この計画を文書に取り込むには、`anshin plan {file} --format yaml`の出力を文書の`measures`に加えてください（同じ指定を付けます）。外したい対策は`--refuse id`、必ず入れたい対策は`--require id`で選び直せます。"),
                format!("To take the plan over, add what `anshin plan {file} --format yaml` prints (with the same options) to `measures` in the document. `--refuse ID` leaves a measure out, `--require ID` puts one in."),
            ));
        }
        notes.push(plan_words::points_of_risk(self.matrix));
        for note in &notes {
            for line in wrap(self.text(note), WIDTH) {
                let _ = writeln!(out, "{}", self.output.faint(&line));
            }
        }
    }
}
