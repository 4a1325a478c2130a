//! An assessment and its explanations as text for the terminal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anshin_assess::{Assessment, Candidate, Explanation, Gap, Rating, Reason, System};
use anshin_catalog::{Axis, Because, Catalog};
use anshin_model::document::{Economic, Recovery, Status};
use anshin_model::{Id, Lang, Text};
use unicode_width::UnicodeWidthStr as _;

use crate::output::{Output, pad, wrap};

/// Columns of the output.
const WIDTH: usize = 100;

/// Columns for the name of a threat.
const NAME: usize = 24;

/// An assessment and what it was made from.
pub(crate) struct View<'a> {
    pub(crate) system: &'a System<'a>,
    pub(crate) catalog: &'a Catalog,
    pub(crate) assessment: &'a Assessment,
    pub(crate) output: Output,
    /// With every reason, and threats below the cut.
    pub(crate) verbose: bool,
}

impl View<'_> {
    /// The whole assessment.
    pub(crate) fn assessment(&self) -> String {
        let mut out = String::new();
        self.title(&mut out);
        self.map(&mut out);
        self.outside(&mut out);
        self.threats(&mut out);
        self.requirements(&mut out);
        self.priorities(&mut out);
        self.decisions(&mut out);
        self.next(&mut out);
        out
    }

    fn word<'t>(&self, ja: &'t str, en: &'t str) -> &'t str {
        self.output.word(ja, en)
    }

    fn text<'t>(&self, text: &'t Text) -> &'t str {
        text.get(self.output.lang)
    }

    fn heading(&self, out: &mut String, ja: &str, en: &str) {
        let _ = writeln!(out, "\n{}", self.output.heading(self.word(ja, en)));
    }

    fn stakeholder<'s>(&'s self, id: &'s Id) -> &'s str {
        let found = self.system.stakeholders.get(id.as_str());
        found.map_or(id.as_str(), |&n| self.text(&self.system.document.stakeholders[n].name))
    }

    fn asset<'s>(&'s self, id: &'s Id) -> &'s str {
        let found = self.system.assets.get(id.as_str());
        found.map_or(id.as_str(), |&n| self.text(&self.system.document.assets[n].name))
    }

    fn threat<'s>(&'s self, id: &'s str) -> &'s str {
        self.catalog.threats.get(id).map_or(id, |threat| self.text(&threat.name))
    }

    fn requirement<'s>(&'s self, id: &'s Id) -> &'s str {
        self.catalog.requirements.get(id).map_or(id.as_str(), |requirement| self.text(&requirement.name))
    }

    fn part<'s>(&'s self, id: &'s Id) -> &'s str {
        let document = self.system.document;
        let part = document.subsystems.iter().find(|part| part.id == *id);
        part.map_or_else(|| self.text(&document.system.name), |part| self.text(&part.name))
    }

    /// A stakeholder's name with the part of the system that is rated.
    fn with_part(&self, name: &str, part: &Id) -> String {
        match self.output.lang {
            Lang::Ja => format!("{name}（{}）", self.part(part)),
            Lang::En => format!("{name} ({})", self.part(part)),
        }
    }

    fn title(&self, out: &mut String) {
        let document = self.system.document;
        let _ = writeln!(out, "{}", self.output.strong(self.text(&document.system.name)));
        if let Some(what) = &document.system.purpose.what {
            for line in wrap(self.text(what), WIDTH) {
                let _ = writeln!(out, "{line}");
            }
        }
        let lead = self.text(&document.stakeholders[self.system.lead].name);
        let counts = match self.output.lang {
            Lang::Ja => format!(
                "適用主体: {lead}　機器{}　ステークホルダー{}　接続{}",
                document.assets.len(),
                document.stakeholders.len(),
                document.links.len()
            ),
            Lang::En => format!(
                "Lead: {lead}   assets {}   stakeholders {}   links {}",
                document.assets.len(),
                document.stakeholders.len(),
                document.links.len()
            ),
        };
        let _ = writeln!(out, "{}", self.output.faint(&counts));
    }

    /// The 3 x 3 map of every stakeholder, with the target marked.
    fn map(&self, out: &mut String) {
        const CELL: usize = 26;
        self.heading(out, "1. マッピング結果", "1. Risk map");
        let parts = self.assessment.ratings.iter().any(|r| r.system != self.assessment.system);
        let mut cells: BTreeMap<(Economic, Recovery), Vec<String>> = BTreeMap::new();
        for rating in &self.assessment.ratings {
            let name = self.stakeholder(&rating.stakeholder);
            let name = if parts { self.with_part(name, &rating.system) } else { name.to_owned() };
            let mut lines = wrap(&name, CELL - 3);
            for (n, line) in lines.iter_mut().enumerate() {
                *line = format!("{}{line}", if n == 0 { "● " } else { "  " });
            }
            cells.entry((rating.economic, rating.recovery)).or_default().extend(lines);
        }
        let targets = self.system.document.targets;
        let axis_y = self.word("第2軸 経済的影響の度合い", "Economic axis");
        let axis_x = self.word("第1軸 回復困難性の度合い", "Recovery axis");
        let label =
            Economic::ALL.map(|level| self.text(&level.name()).width()).into_iter().max().unwrap_or(0);
        let rule = |left: char, middle: char, right: char| {
            let dash = "─".repeat(CELL);
            format!("{} {left}{dash}{middle}{dash}{middle}{dash}{right}\n", " ".repeat(label))
        };
        let _ = writeln!(out, "{axis_y}");
        out.push_str(&rule('┌', '┬', '┐'));
        for (row, economic) in Economic::ALL.into_iter().rev().enumerate() {
            if row > 0 {
                out.push_str(&rule('├', '┼', '┤'));
            }
            let height = Recovery::ALL
                .iter()
                .map(|recovery| cells.get(&(economic, *recovery)).map_or(0, Vec::len))
                .max()
                .unwrap_or(0)
                .max(1)
                + 1;
            for line in 0..height {
                let name = if line == 0 { economic.name() } else { Text::default() };
                let _ = write!(out, "{} │", pad(self.text(&name), label));
                for recovery in Recovery::ALL {
                    let inside = recovery <= targets.recovery && economic <= targets.economic;
                    let lines = cells.get(&(economic, recovery)).map_or(&[][..], Vec::as_slice);
                    let text = match line {
                        0 if inside => self.word("（目標）", "(target)").to_owned(),
                        0 => String::new(),
                        n => lines.get(n - 1).cloned().unwrap_or_default(),
                    };
                    let cell = pad(&format!(" {text}"), CELL);
                    let cell = match (line, inside) {
                        (0, true) => self.output.faint(&cell),
                        (_, true) => self.output.good(&cell),
                        (_, false) => self.output.bad(&cell),
                    };
                    let _ = write!(out, "{cell}│");
                }
                out.push('\n');
            }
        }
        out.push_str(&rule('└', '┴', '┘'));
        let names: String = Recovery::ALL
            .iter()
            .map(|level| pad(&format!(" {}", self.text(&level.name())), CELL + 1))
            .collect();
        let _ = writeln!(out, "{}  {}", " ".repeat(label), names.trim_end());
        let _ = writeln!(out, "{}   {axis_x}", " ".repeat(label));
    }

    /// Who is outside the target, on which axis, because of what.
    fn outside(&self, out: &mut String) {
        let outside: Vec<&Rating> = self.assessment.ratings.iter().filter(|r| !r.within()).collect();
        self.heading(
            out,
            "2. 目標とするリスクの水準を超えるステークホルダー",
            "2. Stakeholders outside the target",
        );
        if outside.is_empty() {
            let _ = writeln!(out, "{}", self.output.good(self.word("ありません。", "None.")));
        }
        for rating in &self.assessment.ratings {
            let decided = rating.recovery_decided.is_some() || rating.economic_decided.is_some();
            if rating.within() && !decided && !self.verbose {
                continue;
            }
            let name = self.stakeholder(&rating.stakeholder);
            let name = if rating.system == self.assessment.system {
                name.to_owned()
            } else {
                self.with_part(name, &rating.system)
            };
            let _ = writeln!(out, "{}", self.output.strong(&name));
            for axis in [Axis::Recovery, Axis::Economic] {
                let (level, within, decided) = match axis {
                    Axis::Recovery => {
                        (rating.recovery.name(), rating.recovery_within, &rating.recovery_decided)
                    }
                    Axis::Economic => {
                        (rating.economic.name(), rating.economic_within, &rating.economic_decided)
                    }
                };
                if within && decided.is_none() && !self.verbose {
                    continue;
                }
                let level = self.text(&level);
                let level = if within { self.output.good(level) } else { self.output.bad(level) };
                let _ = writeln!(out, "  {}: {level}", self.text(&axis.name()));
                for why in rating.why.iter().filter(|why| why.axis == axis && (why.decisive || self.verbose))
                {
                    let factor = self.text(&why.factor.name()).to_owned();
                    self.reason(out, 4, Some(&factor), &why.reason);
                }
                if let Some(decided) = decided {
                    self.decided(out, 4, Some(axis), decided);
                }
            }
        }
    }

    fn reason(&self, out: &mut String, indent: usize, lead: Option<&str>, reason: &Reason) {
        let space = " ".repeat(indent);
        let text = self.text(&reason.text);
        let text = lead.map_or_else(|| text.to_owned(), |lead| format!("{lead}: {text}"));
        for (n, line) in wrap(&text, WIDTH - indent - 2).into_iter().enumerate() {
            let _ = writeln!(out, "{space}{}{line}", if n == 0 { "- " } else { "  " });
        }
        if self.verbose {
            let facts = reason.facts.iter().map(Id::as_str).collect::<Vec<_>>().join(", ");
            let source = self.source(&reason.rule);
            let _ = writeln!(
                out,
                "{space}  {}",
                self.output.faint(&format!("[{}] {facts} {source}", reason.rule))
            );
        }
    }

    fn source(&self, rule: &Id) -> String {
        let catalog = self.catalog;
        let origin = catalog
            .threat_rules
            .get(rule)
            .map(|rule| &rule.origin)
            .or_else(|| catalog.requirement_rules.get(rule).map(|rule| &rule.origin))
            .or_else(|| catalog.rubric.get(rule).map(|entry| &entry.origin))
            .or_else(|| catalog.policies.get(rule).map(|policy| &policy.origin))
            .or_else(|| catalog.priority_rules.get(rule).map(|rule| &rule.origin));
        origin.map_or_else(String::new, |origin| {
            format!("({}: {})", self.text(&origin.basis.name()), origin.source.join("; "))
        })
    }

    /// What somebody decided; about a level with its axis.
    fn decided(&self, out: &mut String, indent: usize, axis: Option<Axis>, decided: &anshin_assess::Decided) {
        let stale = if decided.stale {
            self.word("、事実が変わっています", ", the facts have changed since")
        } else {
            ""
        };
        let proposed = self.proposal(axis, &decided.proposed);
        let line = match self.output.lang {
            Lang::Ja => {
                format!("決定（{}）: {}（提案: {}{stale}）", decided.by, self.text(&decided.reason), proposed)
            }
            Lang::En => {
                format!(
                    "decided by {}: {} (proposed: {}{stale})",
                    decided.by,
                    self.text(&decided.reason),
                    proposed
                )
            }
        };
        let _ = writeln!(out, "{}{}", " ".repeat(indent), self.output.strong(&line));
    }

    /// Threats of each asset, ranked.
    fn threats(&self, out: &mut String) {
        self.heading(
            out,
            "3. 想定される脅威（順位、リスク、脅威、インシデント）",
            "3. Threats (rank, risk, threat, incident)",
        );
        for all in self.assessment.threats.chunk_by(|a, b| a.asset == b.asset) {
            let _ = writeln!(out, "{}", self.output.strong(self.asset(&all[0].asset)));
            let shown: Vec<_> =
                all.iter().filter(|t| t.above_cut || t.decided.is_some() || self.verbose).collect();
            for threat in &shown {
                let names = wrap(self.threat(threat.threat.as_str()), NAME);
                let incident = wrap(self.text(&threat.incident), WIDTH - NAME - 11);
                for line in 0..names.len().max(incident.len()) {
                    let name = pad(names.get(line).map_or("", String::as_str), NAME);
                    let incident = incident.get(line).map_or("", String::as_str);
                    let number = match line {
                        0 => {
                            let cut = if threat.above_cut { " " } else { "·" };
                            format!("{cut}{:>2} {:.2}", threat.rank, threat.risk)
                        }
                        _ => " ".repeat(8),
                    };
                    let _ = writeln!(out, "{}", format!(" {number} {name} {incident}").trim_end());
                }
                if self.verbose {
                    threat.rules.iter().for_each(|rule| self.reason(out, 8, None, rule));
                }
                if let Some(decided) = &threat.decided {
                    self.decided(out, 8, None, decided);
                }
            }
            let below = all.len() - all.iter().filter(|t| t.above_cut).count();
            if below > 0 && !self.verbose {
                let line = match self.output.lang {
                    Lang::Ja => format!(
                        "   ほかに、足切り（根拠の強さ{}、機器ごとに{}件まで）未満が{below}件",
                        anshin_assess::CUT,
                        anshin_assess::MOST
                    ),
                    Lang::En => format!(
                        "   {below} more below the cut (evidence {}, at most {} for each asset)",
                        anshin_assess::CUT,
                        anshin_assess::MOST
                    ),
                };
                let _ = writeln!(out, "{}", self.output.faint(&line));
            }
        }
    }

    /// Requirements by viewpoint, each with its implementer.
    fn requirements(&self, out: &mut String) {
        self.heading(
            out,
            "4. 実装が想定される対策要件（〇: 対策方針により行うべきと考えられる対策）",
            "4. Candidate requirements (〇: called for by a policy)",
        );
        for viewpoint in 1..=4 {
            let rows: Vec<&Candidate> =
                self.assessment.candidates.iter().filter(|c| c.viewpoint == viewpoint).collect();
            if rows.is_empty() {
                continue;
            }
            let title = match viewpoint {
                1 => self.word("第1の観点 運用前（設計・製造段階）", "Viewpoint 1: before operation"),
                2 => self.word("第2の観点 運用中", "Viewpoint 2: in operation"),
                3 => self.word("第3の観点 運用・管理を行う者の能力", "Viewpoint 3: competence of operators"),
                _ => self.word("第4の観点 社会的なサポート等", "Viewpoint 4: social support"),
            };
            let _ = writeln!(out, "{}", self.output.strong(title));
            for row in rows {
                self.candidate(out, row);
            }
        }
    }

    fn candidate(&self, out: &mut String, row: &Candidate) {
        let mark = if row.priority { "〇" } else { "  " };
        let mut who = self.stakeholder(&row.implementer).to_owned();
        for other in &row.also {
            let _ = write!(who, "{}{}", self.word("、", ", "), self.stakeholder(other));
        }
        let threats = if row.threats.is_empty() {
            self.word("全般", "general").to_owned()
        } else {
            let names: Vec<&str> = row.threats.iter().map(|t| self.threat(t.as_str())).collect();
            names.join(self.word("、", ", "))
        };
        let title = self.requirement(&row.requirement);
        let title = if row.rejected() {
            self.output.faint(&format!("{title}{}", self.word("（不採用）", " (rejected)")))
        } else {
            title.to_owned()
        };
        let _ = writeln!(out, " {mark} {title}");
        let line =
            format!("{}: {who}  {}: {threats}", self.word("実施主体", "by"), self.word("脅威", "against"));
        for line in wrap(&line, WIDTH - 6) {
            let _ = writeln!(out, "      {}", self.output.faint(&line));
        }
        if self.verbose {
            row.why.iter().for_each(|why| self.reason(out, 6, None, why));
            let plan = self.assessment.plan.iter().find(|item| item.requirement == row.requirement);
            for measure in plan.iter().flat_map(|item| &item.measures) {
                if let Some(measure) = self.catalog.measures.get(measure) {
                    let _ = writeln!(out, "        ・{}", self.text(&measure.name));
                }
            }
        }
        for taken in
            self.assessment.plan.iter().filter(|i| i.requirement == row.requirement).flat_map(|i| &i.taken)
        {
            let status = match taken.1 {
                Status::InPlace => self.word("実施済み", "in place"),
                Status::Planned => self.word("予定", "planned"),
                Status::Refused => self.word("見送り", "refused"),
            };
            let _ = writeln!(out, "      {}: {} ({status})", self.word("対策", "measure"), taken.0);
        }
        for decided in row.decided.iter().chain(&row.implementer_decided) {
            self.decided(out, 6, None, decided);
        }
    }

    /// Policies and the assets to begin with.
    fn priorities(&self, out: &mut String) {
        self.heading(out, "5. 対策方針と優先順位", "5. Policies and priorities");
        let mut last = None;
        for policy in &self.assessment.policies {
            if last != Some(&policy.stakeholder) {
                last = Some(&policy.stakeholder);
                let _ = writeln!(out, "{}", self.output.strong(self.stakeholder(&policy.stakeholder)));
            }
            let _ = writeln!(out, " - {}", self.text(&policy.text));
            for requirement in &policy.requirements {
                let _ = writeln!(out, "     → {}", self.requirement(requirement));
            }
            if self.verbose {
                self.reason(out, 5, None, &policy.why);
            }
        }
        for because in [Because::Harm, Because::Likelihood] {
            let rows: Vec<_> =
                self.assessment.priority_assets.iter().filter(|row| row.because == because).collect();
            if rows.is_empty() {
                continue;
            }
            let title = match because {
                Because::Harm => {
                    self.word("影響の大きさから優先する機器", "Assets to begin with: large harm")
                }
                Because::Likelihood => {
                    self.word("起こりやすさから優先する機器", "Assets to begin with: high likelihood")
                }
            };
            let _ = writeln!(out, "{}", self.output.strong(title));
            for row in rows {
                let _ = writeln!(out, " - {}", self.asset(&row.asset));
                row.why.iter().for_each(|why| self.reason(out, 4, None, why));
            }
        }
    }

    fn decisions(&self, out: &mut String) {
        if self.assessment.stale.is_empty() {
            return;
        }
        self.heading(out, "見直しが必要な決定", "Decisions to look at again");
        for stale in &self.assessment.stale {
            let _ = writeln!(out, " - {}", self.output.bad(self.text(&stale.why)));
        }
    }

    fn next(&self, out: &mut String) {
        let threat = self
            .assessment
            .threats
            .first()
            .map_or_else(String::new, |t| format!("threat/{}/{}", t.asset, t.threat));
        let line = match self.output.lang {
            Lang::Ja => format!("理由をすべて見る: --verbose　1つの理由を見る: anshin explain 文書 {threat}"),
            Lang::En => format!("All reasons: --verbose   One reason: anshin explain FILE {threat}"),
        };
        let _ = writeln!(out, "\n{}", self.output.faint(&line));
    }

    /// Why something is proposed, or why not.
    pub(crate) fn explanation(&self, explanation: &Explanation) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "{}", self.output.strong(&explanation.subject));
        match &explanation.proposed {
            Some(value) => {
                let axis = match explanation.subject.split('/').nth(2) {
                    _ if !explanation.subject.starts_with("rating/") => None,
                    Some("recovery") => Some(Axis::Recovery),
                    _ => Some(Axis::Economic),
                };
                let meaning = self.proposal(axis, value);
                let _ = writeln!(out, "{}: {meaning}", self.word("提案", "proposed"));
            }
            None => {
                let _ = writeln!(out, "{}", self.output.bad(self.word("提案されていません", "not proposed")));
            }
        }
        if !explanation.because.is_empty() {
            self.heading(&mut out, "理由", "Because");
            explanation.because.iter().for_each(|reason| self.full_reason(&mut out, reason));
        }
        if !explanation.not.is_empty() {
            self.heading(
                &mut out,
                "成り立たない規則（近いものから。事実がそろえば当てはまる理由）",
                "Rules that do not hold, nearest first, with what they would say",
            );
            for (rule, why, gap) in explanation.not.iter().take(8) {
                let _ = writeln!(out, "- {}", self.text(why));
                self.gap(&mut out, gap);
                let _ = writeln!(out, "  {}", self.output.faint(&format!("[{rule}] {}", self.source(rule))));
            }
        }
        self.heading(&mut out, "規則が使う事実", "Facts that rules ask for");
        let facts = explanation.facts.iter().map(Id::as_str).collect::<Vec<_>>().join("  ");
        for line in wrap(&facts, WIDTH) {
            let _ = writeln!(out, "{line}");
        }
        if let Some(seen) = &explanation.seen {
            let line = match self.output.lang {
                Lang::Ja => format!("決定に書く指紋: seen: {seen}"),
                Lang::En => format!("fingerprint for a decision: seen: {seen}"),
            };
            let _ = writeln!(out, "\n{}", self.output.faint(&line));
        }
        out
    }

    /// A proposal's value in words: a level of an axis, how a threat ranks, or who implements a
    /// requirement.
    fn proposal(&self, axis: Option<Axis>, value: &str) -> String {
        let level = match axis {
            Some(Axis::Recovery) => {
                Recovery::ALL.into_iter().find(|level| level.as_str() == value).map(Recovery::name)
            }
            Some(Axis::Economic) => {
                Economic::ALL.into_iter().find(|level| level.as_str() == value).map(Economic::name)
            }
            None => None,
        };
        if let Some(level) = level {
            return self.text(&level).to_owned();
        }
        let text = match value {
            "above-cut" => self.word("足切り以上", "above the cut"),
            "below-cut" => self.word("足切り未満", "below the cut"),
            "candidate" => self.word("実装が想定される対策要件", "candidate requirement"),
            who => return self.stakeholder(&Id::from(who)).to_owned(),
        };
        text.to_owned()
    }

    fn full_reason(&self, out: &mut String, reason: &Reason) {
        for (n, line) in wrap(self.text(&reason.text), WIDTH - 2).into_iter().enumerate() {
            let _ = writeln!(out, "{}{line}", if n == 0 { "- " } else { "  " });
        }
        for fact in &reason.facts {
            let _ = writeln!(out, "    {fact}: {}", self.fact(fact));
        }
        let _ = writeln!(
            out,
            "  {}",
            self.output.faint(&format!("[{}] {}", reason.rule, self.source(&reason.rule)))
        );
    }

    /// What a fact means, in one sentence.
    fn fact(&self, fact: &Id) -> String {
        let (head, word) = fact.as_str().split_once(':').unwrap_or((fact.as_str(), ""));
        if let Some(threat) = self.catalog.threats.get(word).filter(|_| head == "threat") {
            return self.text(&threat.name).to_owned();
        }
        let about = self
            .catalog
            .facts
            .get(head)
            .map(|fact| &fact.about)
            .or_else(|| self.catalog.traits.get(head).map(|entry| &entry.about));
        about.map_or_else(String::new, |about| self.text(about).to_owned())
    }

    fn gap(&self, out: &mut String, gap: &Gap) {
        let join = |facts: &[Id]| facts.iter().map(Id::as_str).collect::<Vec<_>>().join(", ");
        if !gap.missing.is_empty() {
            let _ = writeln!(out, "    {}: {}", self.word("足りない事実", "missing"), join(&gap.missing));
        }
        if !gap.missing_any.is_empty() {
            let _ = writeln!(
                out,
                "    {}: {}",
                self.word("どれか1つが必要", "one of these is needed"),
                join(&gap.missing_any)
            );
        }
        if !gap.excluded_by.is_empty() {
            let _ =
                writeln!(out, "    {}: {}", self.word("妨げる事実", "excluded by"), join(&gap.excluded_by));
        }
    }
}
