//! The five steps, how far each has got, and what is missing next.

use anshin_model::Text;
use anshin_model::document::{Stage, Status};
use anshin_report::Subject;

use crate::proposal::{Kind, Proposal};

/// A step of the way through the framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// What is assessed.
    Prepare,
    /// How large the risks are.
    Assess,
    /// What to do about them.
    Respond,
    /// What people decide.
    Decide,
    /// What happens afterwards.
    Operate,
}

impl Step {
    /// The steps in their order.
    pub const ALL: [Step; 5] = [Step::Prepare, Step::Assess, Step::Respond, Step::Decide, Step::Operate];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Step::Prepare => "prepare",
            Step::Assess => "assess",
            Step::Respond => "respond",
            Step::Decide => "decide",
            Step::Operate => "operate",
        }
    }

    /// The step with a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == word)
    }

    /// Its name.
    pub fn name(self) -> Text {
        match self {
            Step::Prepare => Text::new("準備", "Prepare"),
            Step::Assess => Text::new("評価", "Assess"),
            Step::Respond => Text::new("対応", "Respond"),
            Step::Decide => Text::new("決定", "Decide"),
            Step::Operate => Text::new("運用", "Operate"),
        }
    }

    /// What it is for.
    pub fn purpose(self) -> Text {
        match self {
            Step::Prepare => Text::new(
                "対象のシステムに何があり、誰が関わり、何がどこを流れるかを事実として書きます。以降のすべては、ここから導かれます。",
                "State as facts what the system consists of, who has to do with it and what flows where. Everything after this follows from it.",
            ),
            Step::Assess => Text::new(
                "誰に、どれほどの影響が及ぶかを2つの軸で評価し、受け入れる水準と比べます。",
                "Rate on two axes what can happen to whom, and compare it with the level of risk that is accepted.",
            ),
            Step::Respond => Text::new(
                "目標を超えるリスクについて、誰がどの対策をいつまでに行うかを決めます。",
                "For risks outside the target, settle who takes which measure until when.",
            ),
            Step::Decide => Text::new(
                "提案を1つずつ確かめ、受け入れるか、理由を添えて変えるかを決め、版を承認します。",
                "Go through the proposals, accept them or change them with a reason, and approve a revision.",
            ),
            Step::Operate => Text::new(
                "結果を関係者に渡し、期限を追い、事実が変わったら評価し直します。",
                "Hand the result to those concerned, follow dates, and assess again when facts change.",
            ),
        }
    }

    /// Where its input comes from.
    pub fn from(self) -> Text {
        match self {
            Step::Prepare => Text::new(
                "図面、機器一覧、契約、現場の知識",
                "Drawings, lists of devices, contracts, knowledge of the site",
            ),
            Step::Assess => Text::new(
                "準備で書いた事実、カタログの判断基準",
                "The facts of the preparation, the catalog's criteria",
            ),
            Step::Respond => Text::new(
                "リスクの評価、想定される脅威、カタログの対策",
                "Ratings, threats, the catalog's measures",
            ),
            Step::Decide => Text::new("プログラムの提案とその理由", "What the program proposes, and why"),
            Step::Operate => {
                Text::new("承認された版、対策の期限", "The approved revision, dates of measures")
            }
        }
    }

    /// Where its output goes.
    pub fn to(self) -> Text {
        match self {
            Step::Prepare => Text::new("評価と対応のすべて", "All of assessment and response"),
            Step::Assess => Text::new("対策方針、優先する機器", "Policies, assets to begin with"),
            Step::Respond => {
                Text::new("発注・契約、開発、運用の計画", "Orders and contracts, development, operation")
            }
            Step::Decide => Text::new("報告書、依頼書", "Reports and request sheets"),
            Step::Operate => Text::new("次の見直し", "The next review"),
        }
    }

    /// The worksheets that belong to it, by id.
    pub fn sheets(self) -> &'static [&'static str] {
        match self {
            Step::Prepare => &["overview", "stakeholders", "assets", "flows"],
            Step::Assess => &["mapping", "ratings", "incidents", "threats", "criteria"],
            Step::Respond => &["policies", "priority-assets", "plan", "candidates"],
            Step::Decide => &["decisions", "open"],
            Step::Operate => &[],
        }
    }
}

/// Something to be done in a step.
#[derive(Debug, Clone)]
pub struct Task {
    /// What.
    pub text: Text,
    /// Whether it is done.
    pub done: bool,
    /// Where to do it: the rest of an address after that of the system.
    pub place: &'static str,
}

/// How far a step has got.
#[derive(Debug, Clone)]
pub struct Progress {
    /// The step.
    pub step: Step,
    /// What belongs to it.
    pub tasks: Vec<Task>,
}

impl Progress {
    /// Tasks that are done.
    pub fn done(&self) -> usize {
        self.tasks.iter().filter(|task| task.done).count()
    }

    /// Whether nothing is left.
    pub fn complete(&self) -> bool {
        self.done() == self.tasks.len()
    }

    /// What is missing next.
    pub fn next(&self) -> Option<&Task> {
        self.tasks.iter().find(|task| !task.done)
    }
}

/// What is known of a system beside its document.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// Whether the newest revision is approved.
    pub approved: bool,
    /// Warnings about the document.
    pub warnings: usize,
    /// The day, `YYYY-MM-DD`.
    pub today: &'a str,
}

/// Measures that should have been done by now.
pub fn overdue(subject: &Subject<'_>, today: &str) -> usize {
    let measures = &subject.system.document.measures;
    measures
        .iter()
        .filter(|m| m.status == Status::Planned && m.until.as_deref().is_some_and(|until| until < today))
        .count()
}

/// How far every step has got.
pub fn progress(subject: &Subject<'_>, proposals: &[Proposal], around: Around<'_>) -> Vec<Progress> {
    let document = subject.system.document;
    let purpose = &document.system.purpose;
    let told = [&purpose.why, &purpose.who, &purpose.what, &purpose.when, &purpose.r#where, &purpose.how];
    let told = told.iter().filter(|answer| answer.is_some()).count();
    let task = |ja: String, en: String, done: bool, place: &'static str| Task {
        text: Text::new(ja, en),
        done,
        place,
    };
    let plain = |ja: &str, en: &str, done: bool, place: &'static str| task(ja.into(), en.into(), done, place);
    let open = |kind: Kind| proposals.iter().filter(|p| p.kind == kind && p.first && p.open()).count();
    let (ratings, threats, required) = (open(Kind::Rating), open(Kind::Threat), open(Kind::Requirement));
    let settled = |item: &anshin_assess::PlanItem| !item.taken.is_empty();
    let unsettled = subject.assessment.plan.iter().filter(|item| item.priority && !settled(item)).count();
    let stale = subject.assessment.stale.len();
    let overdue = overdue(subject, around.today);
    let undated =
        document.measures.iter().filter(|m| m.status == Status::Planned && m.until.is_none()).count();
    let placed = document.assets.iter().filter(|asset| asset.zone.is_none()).count();
    let cared =
        document.assets.iter().filter(|a| a.maintained_by.is_none() && a.operated_by.is_none()).count();
    Step::ALL
        .into_iter()
        .map(|step| {
            let tasks = match step {
                Step::Prepare => vec![
                    task(
                        format!("目的を6つの問いで書く（{told}/6）"),
                        format!("Answer the six questions on its purpose ({told} of 6)"),
                        told == 6,
                        "facts",
                    ),
                    plain(
                        "関わる者を2者以上挙げる",
                        "Name two stakeholders or more",
                        document.stakeholders.len() > 1,
                        "text",
                    ),
                    plain("機器と接続を描く", "Draw assets and links", !document.links.is_empty(), "drawing"),
                    task(
                        format!("すべての機器に置き場所を決める（残り{placed}）"),
                        format!("Give every asset its place ({placed} left)"),
                        placed == 0,
                        "drawing",
                    ),
                    task(
                        format!("機器を運用又は保守する者を書く（残り{cared}）"),
                        format!("Say who operates or maintains the assets ({cared} left)"),
                        cared == 0,
                        "facts",
                    ),
                    plain("データの流れを書く", "Write down a data flow", !document.flows.is_empty(), "text"),
                    task(
                        format!("文書の警告をなくす（{}件）", around.warnings),
                        format!("Clear the warnings about the document ({})", around.warnings),
                        around.warnings == 0,
                        "text",
                    ),
                ],
                Step::Assess => vec![
                    task(
                        format!("目標を超える評価を確かめる（残り{ratings}）"),
                        format!("Look at the ratings outside the target ({ratings} left)"),
                        ratings == 0,
                        "proposals?kind=rating&state=first",
                    ),
                    task(
                        format!("各機器で最も強い脅威を確かめる（残り{threats}）"),
                        format!("Look at the strongest threat of each asset ({threats} left)"),
                        threats == 0,
                        "proposals?kind=threat&state=first",
                    ),
                ],
                Step::Respond => vec![
                    task(
                        format!("〇の付いた対策要件を確かめる（残り{required}）"),
                        format!("Look at the requirements marked 〇 ({required} left)"),
                        required == 0,
                        "proposals?kind=requirement&state=first",
                    ),
                    task(
                        format!("〇の付いた対策要件の対策を決める（残り{unsettled}）"),
                        format!("Settle measures for the requirements marked 〇 ({unsettled} left)"),
                        unsettled == 0,
                        "plan",
                    ),
                    task(
                        format!("予定した対策に期限を付ける（残り{undated}）"),
                        format!("Give planned measures a date ({undated} left)"),
                        undated == 0,
                        "plan",
                    ),
                ],
                Step::Decide => vec![
                    task(
                        format!("事実が変わった決定を見直す（{stale}件）"),
                        format!("Look again at decisions whose facts have changed ({stale})"),
                        stale == 0,
                        "proposals?state=stale",
                    ),
                    plain("版の承認を受ける", "Have the revision approved", around.approved, "history"),
                ],
                Step::Operate => vec![
                    task(
                        format!("期限を過ぎた対策をなくす（{overdue}件）"),
                        format!("Clear measures past their date ({overdue})"),
                        overdue == 0,
                        "plan",
                    ),
                    plain(
                        "使用段階になったら、段階を「使用中」にする",
                        "Set the stage to “in use” when it is",
                        document.system.stage() == Stage::Operation,
                        "facts",
                    ),
                ],
            };
            Progress { step, tasks }
        })
        .collect()
}
