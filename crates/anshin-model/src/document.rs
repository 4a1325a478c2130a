//! The system document: what a user writes.
//!
//! Facts about one system, and what people decided about the program's proposals. The types here
//! are made by [`load`](crate::load::load) only, which has checked that ids are unique, every
//! reference resolves and every word is known.

use serde::Deserialize;

use crate::id::Id;
use crate::text::Text;

/// A system document.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Document {
    /// What the assessment is about.
    pub system: SystemInfo,
    /// Who provides, develops, uses or is exposed to it.
    pub stakeholders: Vec<Stakeholder>,
    /// Where assets stand.
    #[serde(default)]
    pub zones: Vec<Zone>,
    /// Devices, servers, services and applications.
    pub assets: Vec<Asset>,
    /// Kinds of information that are stored or carried.
    #[serde(default)]
    pub data: Vec<Data>,
    /// Connections between assets.
    #[serde(default)]
    pub links: Vec<Link>,
    /// Ways that data takes over links.
    #[serde(default)]
    pub flows: Vec<Flow>,
    /// Parts that are rated apart.
    #[serde(default)]
    pub subsystems: Vec<Subsystem>,
    /// The highest level on each axis that the lead accepts.
    #[serde(default)]
    pub targets: Targets,
    /// Incidents that the user thinks of, beside those that the program proposes.
    #[serde(default)]
    pub incidents: Vec<Incident>,
    /// Measures in place, planned or refused.
    #[serde(default)]
    pub measures: Vec<Measure>,
    /// Decisions about proposals.
    #[serde(default)]
    pub decisions: Vec<Decision>,
    /// Risk that stays and that somebody accepts for a time.
    #[serde(default)]
    pub acceptances: Vec<Acceptance>,
}

/// Name, purpose and setting of the system.
#[derive(Debug, Clone, Deserialize)]
pub struct SystemInfo {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// What it is for, by the six questions.
    #[serde(default)]
    pub purpose: Purpose,
    /// Who uses it and where.
    pub setting: Setting,
    /// How much depends on it.
    #[serde(default)]
    pub criticality: Criticality,
    /// How far its life has got, if the document says so.
    pub stage: Option<Stage>,
}

impl SystemInfo {
    /// How far its life has got.
    pub fn stage(&self) -> Stage {
        self.stage.unwrap_or_default()
    }
}

/// The purpose of the system by the six questions of the framework's overview sheet.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Purpose {
    /// What value it gives.
    pub why: Option<Text>,
    /// Who uses it.
    pub who: Option<Text>,
    /// What it does.
    pub what: Option<Text>,
    /// When it is used.
    pub when: Option<Text>,
    /// Where it stands.
    pub r#where: Option<Text>,
    /// How it works.
    pub how: Option<Text>,
}

/// Who uses the system and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// Private persons at home.
    Household,
    /// Organizations at work.
    Business,
    /// Anybody in public space.
    Public,
}

/// How much depends on the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criticality {
    /// Its own users.
    #[default]
    Ordinary,
    /// Other companies' supply.
    SupplyChain,
    /// A supply that society cannot do without, or a plant whose accidents reach its surroundings.
    CriticalInfrastructure,
}

/// How far the life of the system has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Planned or being designed.
    #[default]
    Planning,
    /// Being built.
    Development,
    /// In use.
    Operation,
}

/// A person or organization that has to do with the system.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Stakeholder {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// Its role.
    pub role: Role,
    /// Carries out this assessment.
    #[serde(default)]
    pub lead: bool,
    /// A private person.
    #[serde(default)]
    pub person: bool,
    /// What its people know.
    pub expertise: Option<Expertise>,
    /// How many customers have the same product or service from it.
    #[serde(default)]
    pub reach: Reach,
    /// What else it does for the system.
    #[serde(default)]
    pub duties: Vec<Duty>,
    /// What of it depends on the system.
    pub depends_on: Option<Dependence>,
}

/// The role of a stakeholder in the framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Designs and makes.
    Developer,
    /// Delivers, installs, operates or maintains for others.
    Provider,
    /// Uses.
    User,
    /// Is nearby.
    ThirdParty,
}

/// What the people of a stakeholder know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expertise {
    /// Neither computers nor plant.
    None,
    /// Computers.
    It,
    /// Plant and machines.
    Ot,
    /// Security.
    Security,
}

/// How many customers have the same product or service from a stakeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// This system only.
    #[default]
    One,
    /// A handful of other customers.
    Several,
    /// A market.
    Many,
}

/// What a stakeholder does for the system besides making, operating, maintaining or updating.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duty {
    /// Installs and sets up.
    Installs,
    /// Sells, tells and answers questions.
    Advises,
    /// Helps users in operation.
    Supports,
}

/// What of a stakeholder depends on the system.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Dependence {
    /// What stands still with it.
    pub service: Service,
    /// Whether something else can take its place.
    #[serde(default)]
    pub substitute: Substitute,
    /// How long it takes until it works again.
    #[serde(default)]
    pub restore: Restore,
    /// Whom else the standstill hits.
    #[serde(default)]
    pub outside: Outside,
}

/// What stands still when the system does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// Something of daily life.
    DailyLife,
    /// Something at the side.
    SideBusiness,
    /// What the stakeholder lives on.
    CoreBusiness,
    /// A private person's living.
    Livelihood,
}

/// Whether something else can take the place of what stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Substitute {
    /// Fully.
    Yes,
    /// In part.
    #[default]
    Partly,
    /// Not at all.
    No,
}

/// How long it takes until the service is back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Restore {
    /// Within a day.
    Hours,
    /// Within a week.
    #[default]
    Days,
    /// Within a month.
    Weeks,
    /// Within a year.
    Months,
    /// Longer.
    Years,
}

/// Whom else a standstill hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outside {
    /// Nobody.
    #[default]
    None,
    /// Own customers.
    Customers,
    /// Companies further along the supply chain.
    SupplyChain,
    /// People and businesses of an area.
    Area,
    /// Society.
    Society,
}

/// A place or a network segment.
#[derive(Debug, Clone, Deserialize)]
pub struct Zone {
    /// Its id.
    pub id: Id,
    /// Its name; the kind's name if left out.
    pub name: Option<Text>,
    /// Its kind in the catalog.
    pub kind: Id,
    /// The zone that it is part of.
    pub within: Option<Id>,
}

/// A device, server, network device, terminal, cloud service or application.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Asset {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// Its kind in the catalog.
    pub kind: Id,
    /// Where it stands.
    pub zone: Option<Id>,
    /// Traits beside those of its kind.
    #[serde(default)]
    pub traits: Vec<Id>,
    /// Traits of its kind that it does not have.
    #[serde(default)]
    pub without: Vec<Id>,
    /// Data that it keeps.
    #[serde(default)]
    pub stores: Vec<Id>,
    /// Who makes it.
    pub made_by: Option<Id>,
    /// Who operates it.
    pub operated_by: Option<Id>,
    /// Who maintains it.
    pub maintained_by: Option<Id>,
    /// Who delivers its software updates.
    pub updated_by: Option<Id>,
    /// How it can hurt people; the kind's hazards if left out.
    pub hazards: Option<Vec<Hazard>>,
    /// What keeps it from hurting people.
    #[serde(default)]
    pub safeguards: Vec<Id>,
}

/// A way in which an asset can hurt people.
#[derive(Debug, Clone, Deserialize)]
pub struct Hazard {
    /// Its kind in the catalog.
    pub kind: Id,
    /// The worst harm.
    pub worst: Harm,
    /// Whom; who operates the asset if left out, and people around it in public places.
    #[serde(default)]
    pub to: Vec<Id>,
    /// The worst harm needs several unlikely things at once.
    #[serde(default)]
    pub unlikely: bool,
}

/// Harm to life or body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Harm {
    /// Heals by itself or with first aid.
    MinorInjury,
    /// Needs a doctor, or leaves traces.
    SeriousInjury,
    /// Costs life.
    Death,
}

/// A kind of information.
#[derive(Debug, Clone, Deserialize)]
pub struct Data {
    /// Its id.
    pub id: Id,
    /// Its name; the kind's name if left out.
    pub name: Option<Text>,
    /// Its kind in the catalog.
    pub kind: Id,
    /// Whose personal data it is.
    #[serde(default, deserialize_with = "one_or_more")]
    pub subject: Vec<Id>,
    /// Whose secret it is.
    pub owner: Option<Id>,
    /// How grave a leak is for its subject, when other than the kind says.
    pub sensitivity: Option<Sensitivity>,
}

/// How grave a leak of personal data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sensitivity {
    /// A light breach of privacy.
    Low,
    /// A grave breach of privacy.
    High,
}

/// A connection over which two assets talk.
#[derive(Debug, Clone, Deserialize)]
pub struct Link {
    /// Its id; `from--to` if left out.
    pub id: Option<Id>,
    /// The asset that starts.
    pub from: Id,
    /// The asset at the other end.
    pub to: Id,
    /// Assets in between that forward.
    #[serde(default)]
    pub through: Vec<Id>,
    /// The medium in the catalog.
    pub over: Option<Id>,
    /// The protocol in the catalog.
    pub protocol: Option<Id>,
    /// Data that it carries.
    #[serde(default)]
    pub carries: Vec<Id>,
    /// How it is protected.
    #[serde(default)]
    pub protections: Vec<Protection>,
}

impl Link {
    /// The id, written or made of the two ends.
    pub fn id(&self) -> Id {
        self.id.clone().unwrap_or_else(|| Id::from(format!("{}--{}", self.from, self.to)))
    }
}

/// How a link is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protection {
    /// Its content cannot be read or changed on the way.
    Encrypted,
    /// Both ends know whom they talk to.
    Authenticated,
    /// Only what is on a list gets through.
    AllowListed,
    /// Data goes one way only.
    OneWay,
}

/// A way that data takes.
#[derive(Debug, Clone, Deserialize)]
pub struct Flow {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: Option<Text>,
    /// The links in order.
    pub steps: Vec<Step>,
}

/// One step of a flow.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "StepForm")]
pub struct Step {
    /// The link that the data takes.
    pub link: Id,
    /// What happens.
    pub does: Option<Text>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum StepForm {
    Short(Id),
    Long { link: Id, does: Option<Text> },
}

impl From<StepForm> for Step {
    fn from(form: StepForm) -> Self {
        match form {
            StepForm::Short(link) => Step { link, does: None },
            StepForm::Long { link, does } => Step { link, does },
        }
    }
}

/// A part of the system that is rated apart.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Subsystem {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// What belongs to it.
    pub assets: Vec<Id>,
    /// Whose view it is rated in.
    pub rated_by: Vec<Id>,
}

/// The highest levels that the lead accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub struct Targets {
    /// On the recovery axis.
    #[serde(default)]
    pub recovery: Recovery,
    /// On the economic axis.
    #[serde(default)]
    pub economic: Economic,
}

/// How hard the harm to life, body, privacy or honor is to undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recovery {
    /// 限定的なダメージ
    #[default]
    Limited,
    /// 重大なダメージ
    Serious,
    /// 致命的なダメージ
    Critical,
}

impl Recovery {
    /// All levels from low to high.
    pub const ALL: [Recovery; 3] = [Recovery::Limited, Recovery::Serious, Recovery::Critical];

    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Recovery::Limited => "limited",
            Recovery::Serious => "serious",
            Recovery::Critical => "critical",
        }
    }

    /// The framework's name of the level.
    pub fn name(self) -> Text {
        match self {
            Recovery::Limited => Text::new("限定的なダメージ", "limited"),
            Recovery::Serious => Text::new("重大なダメージ", "serious"),
            Recovery::Critical => Text::new("致命的なダメージ", "critical"),
        }
    }
}

/// How large the loss is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Economic {
    /// 限定的な経済影響
    #[default]
    Limited,
    /// 重大な経済影響
    Serious,
    /// 壊滅的な経済影響
    Catastrophic,
}

impl Economic {
    /// All levels from low to high.
    pub const ALL: [Economic; 3] = [Economic::Limited, Economic::Serious, Economic::Catastrophic];

    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Economic::Limited => "limited",
            Economic::Serious => "serious",
            Economic::Catastrophic => "catastrophic",
        }
    }

    /// The framework's name of the level.
    pub fn name(self) -> Text {
        match self {
            Economic::Limited => Text::new("限定的な経済影響", "limited"),
            Economic::Serious => Text::new("重大な経済影響", "serious"),
            Economic::Catastrophic => Text::new("壊滅的な経済影響", "catastrophic"),
        }
    }
}

/// An incident that the user thinks of.
#[derive(Debug, Clone, Deserialize)]
pub struct Incident {
    /// Its id.
    pub id: Id,
    /// The asset where it starts.
    pub asset: Id,
    /// The threat of the catalog that causes it.
    pub threat: Id,
    /// What happens.
    pub what: Text,
    /// What comes of it.
    pub result: Option<Text>,
}

/// A measure that somebody takes, will take or will not take.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Measure {
    /// Its id.
    pub id: Id,
    /// The requirement that it meets.
    pub requirement: Id,
    /// The measure of the catalog, if it is one.
    pub measure: Option<Id>,
    /// Its name, if it is the user's own.
    pub name: Option<Text>,
    /// Who takes it.
    pub by: Id,
    /// On which assets; on all if empty.
    #[serde(default)]
    pub on: Vec<Id>,
    /// How far it is.
    pub status: Status,
    /// Until when, `YYYY-MM-DD`.
    pub until: Option<String>,
    /// What it costs once, in the user's currency.
    pub cost: Option<f64>,
    /// What it costs in each year, in the user's currency.
    pub cost_per_year: Option<f64>,
    /// Person-days of work that it takes.
    pub days: Option<f64>,
    /// The law demands it.
    #[serde(default)]
    pub by_law: bool,
    /// What shows that it is done.
    pub evidence: Option<Text>,
    /// Why, if it is refused; anything else worth knowing.
    pub note: Option<Text>,
}

/// How far a measure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Done.
    InPlace,
    /// Decided.
    Planned,
    /// Will not be done.
    Refused,
}

/// What a person decided about a proposal.
#[derive(Debug, Clone, Deserialize)]
pub struct Decision {
    /// The proposal: `rating/STAKEHOLDER/AXIS`, `threat/ASSET/THREAT`, `requirement/ID` or
    /// `implementer/REQUIREMENT`.
    pub subject: Id,
    /// What was decided.
    pub decide: Verdict,
    /// The value in its place, for an override.
    pub value: Option<Id>,
    /// Why.
    pub reason: Text,
    /// Who decided.
    pub by: String,
    /// When, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Fingerprint of the proposal's facts when the decision was made.
    pub seen: Option<String>,
}

/// What was decided about a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The proposal stands.
    Accept,
    /// The proposal does not stand.
    Reject,
    /// Something else takes its place.
    Override,
}

impl Verdict {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Accept => "accept",
            Verdict::Reject => "reject",
            Verdict::Override => "override",
        }
    }
}

/// Risk that stays after all measures and that somebody accepts for a time.
#[derive(Debug, Clone, Deserialize)]
pub struct Acceptance {
    /// The scenario: `ASSET/CONSEQUENCE/STAKEHOLDER`.
    pub scenario: String,
    /// Who accepts it.
    pub by: String,
    /// The last day on which that holds, `YYYY-MM-DD`.
    pub until: String,
    /// Why.
    pub reason: Text,
}

fn one_or_more<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Id>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMore {
        One(Id),
        More(Vec<Id>),
    }
    Ok(match OneOrMore::deserialize(deserializer)? {
        OneOrMore::One(id) => vec![id],
        OneOrMore::More(ids) => ids,
    })
}
