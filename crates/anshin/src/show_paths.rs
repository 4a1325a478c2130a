//! Scenarios, attack paths, residual risk and replayed incidents as text for the terminal.

use std::fmt::Write as _;

use anshin_assess::{
    Further, LevelsAfter, Path, Record, Replay, Residual, ResidualRisk, Scenario, Scenarios, Standing, Step,
    Terrain, Way,
};
use anshin_model::document::Document;
use anshin_model::{Id, Lang, Text};
use anshin_report::{Subject, replay_words};
use unicode_width::UnicodeWidthStr as _;

use crate::output::{Output, pad, wrap};

/// Columns of the output.
const WIDTH: usize = 100;

/// Scenarios that are shown unless more is asked for.
const MOST: usize = 10;

/// Scenarios below the cut that are named without `--verbose`.
const MOST_BELOW: usize = 5;

/// Measures of a replayed incident that are shown unless more is asked for.
const MOST_CUTS: usize = 8;

/// Everything that `anshin paths` shows.
pub(crate) struct View<'a> {
    pub(crate) subject: Subject<'a>,
    pub(crate) terrain: &'a Terrain<'a>,
    pub(crate) scenarios: &'a Scenarios,
    pub(crate) levels: &'a [LevelsAfter],
    pub(crate) residual: &'a ResidualRisk,
    /// Which measures count, for people.
    pub(crate) measures: Text,
    pub(crate) output: Output,
    /// With all scenarios.
    pub(crate) verbose: bool,
}

impl View<'_> {
    fn text<'t>(&self, text: &'t Text) -> &'t str {
        text.get(self.output.lang)
    }

    fn word<'t>(&self, ja: &'t str, en: &'t str) -> &'t str {
        self.output.word(ja, en)
    }

    fn heading(&self, out: &mut String, ja: &str, en: &str) {
        let _ = writeln!(out, "\n{}", self.output.heading(self.word(ja, en)));
    }

    fn asset(&self, id: &Id) -> String {
        self.subject.asset(id).get(self.output.lang).to_owned()
    }

    fn stakeholder(&self, id: &Id) -> String {
        self.subject.stakeholder(id).get(self.output.lang).to_owned()
    }

    fn document(&self) -> &Document {
        self.subject.system.document
    }

    /// The whole list with what follows from it.
    pub(crate) fn all(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "{}", self.output.strong(self.text(&self.document().system.name)));
        let counted = match self.output.lang {
            Lang::Ja => format!("数えた対策: {}", self.text(&self.measures)),
            Lang::En => format!("Measures that count: {}", self.text(&self.measures)),
        };
        let _ = writeln!(out, "{}", self.output.faint(&counted));
        self.summary(&mut out);
        self.list(&mut out);
        self.levels(&mut out);
        self.residual(&mut out);
        out
    }

    fn summary(&self, out: &mut String) {
        self.heading(out, "1. システムのリスク", "1. Risk of the system");
        if self.scenarios.all.is_empty() {
            let _ = writeln!(out, "{}", self.word("シナリオはありません", "there are no scenarios"));
            return;
        }
        let matrix = &self.scenarios.matrix;
        let (highest, counts) = self.scenarios.summary();
        let each: Vec<String> = matrix
            .risk
            .iter()
            .zip(&counts)
            .rev()
            .map(|(class, count)| format!("{} {count}", self.text(&class.name)))
            .collect();
        let highest = self.text(&matrix.risk[highest].name);
        let line = match self.output.lang {
            Lang::Ja => format!("{highest}　（シナリオ: {}）", each.join("、")),
            Lang::En => format!("{highest}   (scenarios: {})", each.join(", ")),
        };
        let _ = writeln!(out, "{line}");
        self.matrix(out);
    }

    /// The matrix, with the number of scenarios in each cell.
    fn matrix(&self, out: &mut String) {
        let matrix = &self.scenarios.matrix;
        let mut head = vec![self.word("影響＼起こりやすさ", "Effect \\ likelihood").to_owned()];
        head.extend(matrix.likelihood.iter().map(|class| self.text(&class.name).to_owned()));
        let mut rows = vec![head];
        for (effect, class) in matrix.effect.iter().enumerate().rev() {
            let mut row = vec![self.text(&class.name).to_owned()];
            row.extend((0..matrix.likelihood.len()).map(|likelihood| {
                let here = |s: &&Scenario| (s.likelihood, s.effect) == (likelihood, effect);
                let risk = self.text(&matrix.risk[matrix.risk_of(likelihood, effect)].name);
                match self.scenarios.all.iter().filter(here).count() {
                    0 => format!("{risk} -"),
                    n => format!("{risk} {n}"),
                }
            }));
            rows.push(row);
        }
        let width = |n: usize| rows.iter().map(|row| row[n].width()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
        for row in &rows {
            let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| pad(cell, *width)).collect();
            let _ = writeln!(out, "  {}", cells.join("  ").trim_end());
        }
    }

    fn list(&self, out: &mut String) {
        self.heading(
            out,
            "2. シナリオ（順位、リスク、起こりやすさと難しさの点数、影響）",
            "2. Scenarios (rank, risk, likelihood with points of difficulty, effect)",
        );
        let (further, rest): (Vec<&Scenario>, Vec<&Scenario>) =
            self.scenarios.all.iter().partition(|s| s.above_cut());
        let above = further.len();
        self.cut(out, &further, &rest);
        let shown = if self.verbose { self.scenarios.all.len() } else { above.min(MOST) };
        let in_order = further.iter().chain(&rest).copied();
        for scenario in in_order.take(shown) {
            self.scenario(out, scenario);
        }
        if shown > 0 {
            let _ = writeln!(out, "{}", self.output.faint(self.hardest()));
        }
        let more = above.saturating_sub(shown);
        if more > 0 {
            let line = match self.output.lang {
                Lang::Ja => format!("ほかに{more}件。--verboseですべて示します"),
                Lang::En => format!("{more} more; --verbose shows all"),
            };
            let _ = writeln!(out, "{}", self.output.faint(&line));
        }
        if !rest.is_empty() && !self.verbose {
            let _ = writeln!(out, "{}", self.word("さらに検討しないシナリオ:", "Not looked at further:"));
            for scenario in rest.iter().take(MOST_BELOW) {
                let risk = self.text(&self.scenarios.matrix.risk[scenario.risk].name);
                let _ = writeln!(out, "{:>3} {risk}  {}", scenario.rank, self.title(scenario));
            }
            if let more @ 1.. = rest.len().saturating_sub(MOST_BELOW) {
                let line = match self.output.lang {
                    Lang::Ja => format!("ほかに{more}件。--verboseですべて示します"),
                    Lang::En => format!("{more} more; --verbose shows all"),
                };
                let _ = writeln!(out, "{}", self.output.faint(&line));
            }
        }
    }

    /// The criterion for what is looked at further, and what it comes to.
    fn cut(&self, out: &mut String, further: &[&Scenario], rest: &[&Scenario]) {
        let matrix = &self.scenarios.matrix;
        let likely = self.text(&matrix.likelihood[matrix.counting_class()].name);
        let risk = self.text(&matrix.risk[matrix.cut_class()].name);
        let of = |why: Further| further.iter().filter(|s| s.further == Some(why)).count();
        let (outside, by_risk, rest) = (of(Further::OutsideTarget), of(Further::Risk), rest.len());
        let mut line = match self.output.lang {
            Lang::Ja => format!(
                "さらに検討するのは、影響が目標を超え起こりやすさが「{likely}」以上のもの（{outside}件）と、それ以外でリスクが「{risk}」以上のもの（{by_risk}件）です。"
            ),
            Lang::En => format!(
                "Looked at further are those whose effect is above the target and whose likelihood is {likely} or more ({outside}), and others whose risk is {risk} or more ({by_risk})."
            ),
        };
        if rest > 0 {
            let _ = match self.output.lang {
                Lang::Ja => write!(
                    line,
                    "残る{rest}件は、目標の中でリスクが「{risk}」に届かないので、これ以上は検討しません。"
                ),
                Lang::En => write!(
                    line,
                    " The other {rest} are inside the target with a risk below {risk}, and left at that."
                ),
            };
        }
        for line in wrap(&line, WIDTH) {
            let _ = writeln!(out, "{line}");
        }
    }

    fn title(&self, scenario: &Scenario) -> String {
        let (asset, who) = (self.asset(&scenario.asset), self.stakeholder(&scenario.stakeholder));
        let consequence = scenario.consequence.name();
        let consequence = self.text(&consequence);
        match self.output.lang {
            Lang::Ja => format!("{asset}: {consequence}（影響を受ける者: {who}）"),
            Lang::En => format!("{asset}: {consequence} (affects {who})"),
        }
    }

    fn scenario(&self, out: &mut String, scenario: &Scenario) {
        let matrix = &self.scenarios.matrix;
        let risk = self.text(&matrix.risk[scenario.risk].name);
        let risk = if scenario.above_cut() { self.output.bad(risk) } else { risk.to_owned() };
        let _ = writeln!(out, "{:>3} {risk}  {}", scenario.rank, self.output.strong(&self.title(scenario)));
        let likelihood = self.text(&matrix.likelihood[scenario.likelihood].name);
        let points = scenario.difficulty.map_or("-".to_owned(), |points| points.to_string());
        let (recovery, economic) = (scenario.recovery.name(), scenario.economic.name());
        let (recovery, economic) = (self.text(&recovery), self.text(&economic));
        let line = match self.output.lang {
            Lang::Ja => {
                format!("起こりやすさ {likelihood}（{points}点）、影響 第1軸 {recovery}・第2軸 {economic}")
            }
            Lang::En => format!(
                "likelihood {likelihood} ({points} points), effect {recovery} on the recovery axis, {economic} on the economic axis"
            ),
        };
        indented(out, &line);
        indented(out, self.text(&scenario.incident));
        match self.terrain.paths(self.scenarios, scenario).first() {
            Some(path) => indented(out, &self.way(path)),
            None => indented(out, self.word("外からの経路はありません", "no path leads there from outside")),
        }
        indented(out, &self.output.faint(scenario.id.as_str()));
    }

    /// A path in one line, with the points of each step; the hardest is marked.
    fn way(&self, path: &Path) -> String {
        let entry = self.subject.system.catalog.entry_points.get(&path.entry);
        let entry = entry.map_or(path.entry.as_str(), |point| self.text(&point.name));
        let mut line = entry.to_owned();
        for (n, step) in path.steps.iter().enumerate() {
            let mark = if n == path.carrying { "*" } else { "" };
            let name = match &step.way {
                Way::Impact(consequence) => self.text(&consequence.name()).to_owned(),
                _ => self.asset(&step.to),
            };
            let _ = write!(line, " →({}{mark}) {name}", step.difficulty);
        }
        line
    }

    /// What the star beside a step says.
    fn hardest(&self) -> &'static str {
        self.word(
            "数字は各ステップの難しさの点数。* はその経路でいちばん難しいステップ（経路の決め手）",
            "numbers are points of difficulty; * marks the hardest step of a path, the one that carries it",
        )
    }

    /// One scenario with all its paths and every reason.
    pub(crate) fn one(&self, scenario: &Scenario) -> String {
        let mut out = String::new();
        self.scenario(&mut out, scenario);
        self.heading(&mut out, "影響の理由", "Why the effect");
        for reason in &scenario.why {
            let _ =
                writeln!(out, "  - {} {}", self.text(&reason.text), self.output.faint(reason.rule.as_str()));
        }
        for (measure, rule) in &scenario.relieved_by {
            let entry = self.subject.system.catalog.reliefs.get(rule);
            let why = entry.map_or("", |entry| self.text(&entry.why));
            let _ = writeln!(out, "  - {measure}: {why} {}", self.output.faint(rule.as_str()));
        }
        self.heading(&mut out, "攻撃経路（やさしい順）", "Attack paths, easiest first");
        let _ = writeln!(out, "{}", self.output.faint(self.hardest()));
        for (n, path) in self.terrain.paths(self.scenarios, scenario).iter().enumerate() {
            let points = match self.output.lang {
                Lang::Ja => format!("{}. {}点", n + 1, path.difficulty),
                Lang::En => format!("{}. {} points", n + 1, path.difficulty),
            };
            let _ = writeln!(out, "{}  {}", self.output.strong(&points), self.way(path));
            for (n, step) in path.steps.iter().enumerate() {
                let mark = if n == path.carrying { " *" } else { "" };
                let _ = writeln!(out, "   {}{mark}", self.step(step));
                for reason in &step.reasons {
                    let by = reason.measure.as_ref().map_or(String::new(), |id| format!("[{id}] "));
                    let layer = reason.layer.name();
                    let line = format!(
                        "+{} {}: {by}{} {}",
                        reason.points,
                        self.text(&layer),
                        self.text(&reason.why),
                        self.output.faint(reason.rule.as_str())
                    );
                    for (n, line) in wrap(&line, WIDTH - 9).iter().enumerate() {
                        let _ = writeln!(out, "      {}{line}", if n == 0 { "" } else { "   " });
                    }
                }
            }
        }
        if !scenario.exact {
            let _ = writeln!(
                out,
                "{}",
                self.word(
                    "この機器への経路は多すぎるため、最もやさしい順とは証明できていません",
                    "there are too many paths to this asset to prove that these are the easiest"
                )
            );
        }
        out
    }

    fn step(&self, step: &Step) -> String {
        let to = self.asset(&step.to);
        let from = step.from.as_ref().map(|id| self.asset(id)).unwrap_or_default();
        let points = step.difficulty;
        match &step.way {
            Way::Entry(id) => {
                let entry = self.subject.system.catalog.entry_points.get(id);
                let entry = entry.map_or(id.as_str(), |point| self.text(&point.name));
                format!("({points}) {entry} → {to}")
            }
            Way::Link(id) => format!("({points}) {from} → {to} [{id}]"),
            Way::Trust(_, who) => format!("({points}) {from} → {to} [{}]", self.stakeholder(who)),
            Way::Impact(consequence) => format!("({points}) {to} → {}", self.text(&consequence.name())),
        }
    }

    fn levels(&self, out: &mut String) {
        self.heading(
            out,
            "3. 対策後の水準（第1軸 / 第2軸）",
            "3. Levels after these measures (recovery axis / economic axis)",
        );
        let parts = self.levels.iter().any(|row| row.system != self.document().system.id);
        let mut rows = Vec::new();
        for row in self.levels {
            let mut name = self.stakeholder(&row.stakeholder);
            if parts {
                let _ = write!(name, " [{}]", row.system);
            }
            let axis = |before: &Text, after: &Text| {
                if before == after {
                    self.text(before).to_owned()
                } else {
                    format!("{} → {}", self.text(before), self.text(after))
                }
            };
            let recovery = axis(&row.recovery_before.name(), &row.recovery.name());
            let economic = axis(&row.economic_before.name(), &row.economic.name());
            let state = if row.within {
                self.output.good(self.word("目標内", "within the target"))
            } else {
                self.output.bad(self.word("目標を超える", "outside the target"))
            };
            rows.push((name, format!("{recovery} / {economic}"), state));
        }
        let width = |of: &dyn Fn(&(String, String, String)) -> usize| rows.iter().map(of).max().unwrap_or(0);
        let (names, levels) = (width(&|row| row.0.width()), width(&|row| row.1.width()));
        for (name, level, state) in &rows {
            let _ = writeln!(out, "  {}  {}  {state}", pad(name, names), pad(level, levels));
        }
    }

    fn residual(&self, out: &mut String) {
        self.heading(
            out,
            "4. 残留リスク（実施済みと計画中の対策のあとに残るもの）",
            "4. Residual risk (what stays after measures in place and planned)",
        );
        let stays = &self.residual.stays;
        let count = |standing| stays.iter().filter(|r| r.standing == standing).count();
        let line = match self.output.lang {
            Lang::Ja => format!(
                "{}件。受容済み{}件、期限切れ{}件、誰も受容していない{}件",
                stays.len(),
                count(Standing::Accepted),
                count(Standing::Expired),
                count(Standing::Open)
            ),
            Lang::En => format!(
                "{} scenarios: {} accepted, {} with an expired acceptance, {} that nobody has accepted",
                stays.len(),
                count(Standing::Accepted),
                count(Standing::Expired),
                count(Standing::Open)
            ),
        };
        let _ = writeln!(out, "{line}");
        self.open(out);
        let acceptances = &self.document().acceptances;
        let has_standing = stays.iter().filter(|r| r.standing != Standing::Open);
        for (row, acceptance) in has_standing.filter_map(|r| Some((r, &acceptances[r.acceptance?]))) {
            let risk = self.text(&self.scenarios.matrix.risk[row.planned].name);
            let line = match self.output.lang {
                Lang::Ja => {
                    format!("{}（{risk}）: {}が{}まで受容", row.scenario, acceptance.by, acceptance.until)
                }
                Lang::En => {
                    format!(
                        "{} ({risk}): accepted by {} until {}",
                        row.scenario, acceptance.by, acceptance.until
                    )
                }
            };
            let expired = row.standing == Standing::Expired;
            let mark = self.word("期限切れ", "expired");
            let mark = if expired { format!(" {}", self.output.bad(mark)) } else { String::new() };
            let _ = writeln!(out, "  - {line}{mark}");
            indented(out, self.text(&acceptance.reason));
        }
        for acceptance in self.residual.unknown.iter().map(|&n| &acceptances[n]) {
            let line = match self.output.lang {
                Lang::Ja => format!("{}というシナリオはもうありません", acceptance.scenario),
                Lang::En => format!("there is no scenario {} any more", acceptance.scenario),
            };
            let _ = writeln!(out, "  - {}", self.output.bad(&line));
        }
        if count(Standing::Open) + count(Standing::Expired) > 0 {
            // What is inside the target is no reason for a plan that goes for the target.
            let calls_for_it = |r: &Residual| r.outside && r.standing != Standing::Accepted;
            let goal = if stays.iter().any(calls_for_it) { "" } else { " --goal effect" };
            let next = match self.output.lang {
                Lang::Ja => format!(
                    "対策を選ぶには`anshin plan 文書{goal}`、受け入れるには文書の`acceptances:`に`scenario`、`by`、`until`、`reason`を書きます"
                ),
                Lang::En => format!(
                    "`anshin plan FILE{goal}` chooses measures; to accept a scenario, write `scenario`, `by`, `until` and `reason` under `acceptances:` in the document"
                ),
            };
            for line in wrap(&next, WIDTH) {
                let _ = writeln!(out, "{}", self.output.faint(&line));
            }
        }
    }

    /// What nobody has accepted, with its risk as measures come on.
    fn open(&self, out: &mut String) {
        let open: Vec<&Residual> = self.residual.open().collect();
        let risk = |class: usize| self.text(&self.scenarios.matrix.risk[class].name);
        for row in open.iter().take(MOST) {
            let line = match self.output.lang {
                Lang::Ja => format!(
                    "{}: 対策なし{} → 実施済み{} → 計画後{}",
                    row.scenario,
                    risk(row.bare),
                    risk(row.in_place),
                    risk(row.planned)
                ),
                Lang::En => format!(
                    "{}: {} without measures -> {} in place -> {} planned",
                    row.scenario,
                    risk(row.bare),
                    risk(row.in_place),
                    risk(row.planned)
                ),
            };
            let _ = writeln!(out, "  - {line}");
        }
        let more = open.len().saturating_sub(MOST);
        if more > 0 {
            let line = match self.output.lang {
                Lang::Ja => format!("ほかに{more}件（`--format json`で全件）"),
                Lang::En => format!("{more} more (all with `--format json`)"),
            };
            let _ = writeln!(out, "    {}", self.output.faint(&line));
        }
    }
}

/// A text under its heading, wrapped.
fn indented(out: &mut String, text: &str) {
    for line in wrap(text, WIDTH - 6) {
        let _ = writeln!(out, "      {line}");
    }
}

/// A replayed incident.
pub(crate) fn replay(record: &Record, replay: &Replay, subject: &Subject<'_>, output: Output) -> String {
    let text = |text: &Text| text.get(output.lang).to_owned();
    let mut out = String::new();
    let heading = |out: &mut String, ja: &str, en: &str| {
        let _ = writeln!(out, "\n{}", output.heading(output.word(ja, en)));
    };
    let bullets = |out: &mut String, texts: &[Text]| {
        for text in texts {
            for (n, line) in wrap(text.get(output.lang), WIDTH - 4).iter().enumerate() {
                let _ = writeln!(out, "  {} {line}", if n == 0 { "-" } else { " " });
            }
        }
    };
    let date = record.date.as_ref().map_or(String::new(), |date| format!(" ({date})"));
    let _ = writeln!(out, "{}{date}", output.strong(&text(&record.title)));
    let _ = writeln!(out, "{}", output.faint(&record.source));
    heading(&mut out, "起きたこと", "What happened");
    bullets(&mut out, &record.facts);
    bullets(&mut out, &record.steps);
    heading(&mut out, "事前の評価が示したこと", "What the assessment beforehand says");
    let (Some(scenario), Some(ranked)) = (replay.happened(), replay_words::ranked(subject, replay)) else {
        let none = output.word("これに当たるシナリオはありません", "it has no scenario like this");
        let _ = writeln!(out, "{}", output.bad(none));
        return out;
    };
    let _ = writeln!(out, "{}", text(&ranked));
    let _ = writeln!(out, "{}", text(&scenario.incident));
    for path in replay.paths.iter().take(3) {
        let _ = writeln!(out, "  {}", text(&replay_words::way(subject, path)));
    }
    for line in wrap(&text(&replay_words::way_taken(subject, replay)), WIDTH) {
        let _ = writeln!(out, "{line}");
    }
    if !replay.same_threat {
        let _ = writeln!(out, "{}", text(&replay_words::another_threat()));
    }
    heading(
        &mut out,
        "経路を難しくする対策、影響を軽くする対策",
        "Measures that make its path harder or its effect lighter",
    );
    cuts(&mut out, record, replay, subject, output);
    for line in replay_words::with_mitigations(replay).iter().flat_map(|after| wrap(&text(after), WIDTH)) {
        let _ = writeln!(out, "{line}");
    }
    let basis = text(&record.evaluation_basis.name());
    heading(&mut out, "出典による枠組みの評価", "What the source says about the framework");
    let _ = writeln!(out, "{}", output.faint(&basis));
    bullets(&mut out, &record.evaluation);
    bullets(&mut out, &record.missed);
    out
}

/// Measures that each alone act on the scenario that happened.
fn cuts(out: &mut String, record: &Record, replay: &Replay, subject: &Subject<'_>, output: Output) {
    let matrix = &replay.scenarios.matrix;
    let legend = output.word(
        "それだけを講じた場合の、実際の侵入口からの点数、起こりやすさ（最もやさしい経路の点数）、リスク",
        "with that one alone: points by the way in that was taken, likelihood (points of the easiest path), risk",
    );
    for line in wrap(legend, WIDTH) {
        let _ = writeln!(out, "{}", output.faint(&line));
    }
    let shown = &replay.cuts[..replay.cuts.len().min(MOST_CUTS)];
    let points = |points: Option<u16>| points.map_or("-".to_owned(), |points| points.to_string());
    let wide = shown.iter().map(|cut| cut.measure.as_str().width()).max().unwrap_or(0);
    for cut in shown {
        let marks = [(cut.named, "*"), (!cut.proposed, "†")];
        let marks: String = marks.map(|(has, mark)| if has { mark } else { " " }).concat();
        let measure = subject.system.catalog.measures.get(&cut.measure);
        let measure = measure.map_or("", |measure| measure.name.get(output.lang));
        let (risk, likelihood) = (&matrix.risk[cut.risk].name, &matrix.likelihood[cut.likelihood].name);
        let _ = writeln!(
            out,
            "{marks} {} {:>2}  {} ({}) {}  {measure}",
            pad(cut.measure.as_str(), wide),
            points(cut.way_taken),
            likelihood.get(output.lang),
            points(cut.difficulty),
            risk.get(output.lang),
        );
    }
    let more = replay.cuts.len() - shown.len();
    let basis = record.mitigations_basis.name();
    let mut said = Vec::new();
    if more > 0 {
        said.push(Text::new(
            format!("ほかに{more}件（`--format json`で全件）"),
            format!("{more} more (all with `--format json`)"),
        ));
    }
    said.push(Text::new(
        format!("* 出典の事例への対策と同じ対策要件（{}）", basis.get(Lang::Ja)),
        format!(
            "* of a requirement that the measures against the incident belong to ({})",
            basis.get(Lang::En)
        ),
    ));
    if shown.iter().any(|cut| !cut.proposed) {
        said.push(Text::new(
            "† このシステムの評価では、担い手が挙がっていない対策",
            "† nobody is named for it in the assessment of this system",
        ));
    }
    for line in &said {
        let _ = writeln!(out, "{}", output.faint(line.get(output.lang)));
    }
}
