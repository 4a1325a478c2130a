//! The entries of a catalog.

use anshin_model::document::{Economic, Harm, Recovery};
use anshin_model::shape::Vocabulary;
use anshin_model::{Id, Text};
use indexmap::IndexMap;
use serde::Deserialize;

use crate::attack::{Consequence, Difficulty, Hindrance, Matrix, Relief};
use crate::cost::{Dependency, EffortCost, Impairment};
use crate::loss::{CostItem, DefaultRange};

/// Everything that is known, by section and id.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Documents that entries come from.
    pub sources: IndexMap<Id, Source>,
    /// Properties that an asset can have.
    pub traits: IndexMap<Id, Named>,
    /// Kinds of assets.
    pub asset_kinds: IndexMap<Id, AssetKind>,
    /// Kinds of places and network segments.
    pub zone_kinds: IndexMap<Id, ZoneKind>,
    /// What links go over.
    pub media: IndexMap<Id, Medium>,
    /// What links speak.
    pub protocols: IndexMap<Id, Protocol>,
    /// Kinds of information.
    pub data_kinds: IndexMap<Id, DataKind>,
    /// Ways in which things hurt people.
    pub hazards: IndexMap<Id, HazardKind>,
    /// What keeps things from hurting people.
    pub safeguards: IndexMap<Id, Safeguard>,
    /// Ways into a system.
    pub entry_points: IndexMap<Id, EntryPoint>,
    /// Facts that the program derives.
    pub facts: IndexMap<Id, Fact>,
    /// Threats.
    pub threats: IndexMap<Id, Threat>,
    /// From facts to threats.
    pub threat_rules: IndexMap<Id, ThreatRule>,
    /// Requirements.
    pub requirements: IndexMap<Id, Requirement>,
    /// From threats and facts to requirements.
    pub requirement_rules: IndexMap<Id, RequirementRule>,
    /// Measures.
    pub measures: IndexMap<Id, Measure>,
    /// From facts to levels.
    pub rubric: IndexMap<Id, RubricEntry>,
    /// Directions for stakeholders outside the target.
    pub policies: IndexMap<Id, Policy>,
    /// From facts to the assets to begin with.
    pub priority_rules: IndexMap<Id, PriorityRule>,
    /// What makes a step of an attack path hard.
    pub difficulty: IndexMap<Id, Difficulty>,
    /// What measures make a step of an attack path harder.
    pub hindrances: IndexMap<Id, Hindrance>,
    /// What measures make an effect lighter.
    pub reliefs: IndexMap<Id, Relief>,
    /// How risk is read from effect and likelihood.
    pub matrices: IndexMap<Id, Matrix>,
    /// Costs of an incident.
    pub cost_items: IndexMap<Id, CostItem>,
    /// Ranges where the user has given no number.
    pub default_ranges: IndexMap<Id, DefaultRange>,
    /// What measures cost by class of effort.
    pub efforts: IndexMap<Id, EffortCost>,
    /// What it counts that a measure can weaken something.
    pub impairments: IndexMap<Id, Impairment>,
    /// How measures depend on each other.
    pub dependencies: IndexMap<Id, Dependency>,
    /// What the alerts of the monitor mean.
    pub alerts: IndexMap<Id, Alert>,
}

impl Catalog {
    /// The words that documents may use.
    pub fn vocabulary(&self) -> Vocabulary {
        let mut vocabulary = Vocabulary::default();
        for &name in crate::format::VOCABULARIES {
            vocabulary.add(name, self.ids(name).unwrap_or_default().into_iter().map(ToString::to_string));
        }
        vocabulary
    }

    /// The ids of a section, by the section's name in files.
    pub fn ids(&self, section: &str) -> Option<Vec<&Id>> {
        macro_rules! keys {
            ($($name:literal => $field:ident,)*) => {
                match section { $($name => Some(self.$field.keys().collect()),)* _ => None }
            };
        }
        keys! {
            "sources" => sources, "traits" => traits, "asset-kinds" => asset_kinds, "zone-kinds" => zone_kinds,
            "media" => media, "protocols" => protocols, "data-kinds" => data_kinds, "hazards" => hazards,
            "safeguards" => safeguards, "entry-points" => entry_points, "facts" => facts, "threats" => threats,
            "threat-rules" => threat_rules, "requirements" => requirements,
            "requirement-rules" => requirement_rules, "measures" => measures, "rubric" => rubric,
            "policies" => policies, "priority-rules" => priority_rules, "difficulty" => difficulty,
            "hindrances" => hindrances, "reliefs" => reliefs, "matrices" => matrices,
            "cost-items" => cost_items, "default-ranges" => default_ranges,
            "efforts" => efforts, "impairments" => impairments, "dependencies" => dependencies,
            "alerts" => alerts,
        }
    }

    /// A kind and all kinds above it, itself first.
    ///
    /// The catalog is checked when it is loaded, so the walk ends.
    pub fn kind_and_above<'a>(
        &'a self,
        kind: &Id,
    ) -> impl Iterator<Item = (&'a Id, &'a AssetKind)> + use<'a> {
        let mut next = self.asset_kinds.get_key_value(kind);
        std::iter::from_fn(move || {
            let current = next?;
            next = current.1.parent(current.0).and_then(|parent| self.asset_kinds.get_key_value(&parent));
            Some(current)
        })
    }

    /// The traits of a kind, its own and those it inherits.
    pub fn traits_of(&self, kind: &Id) -> Vec<Id> {
        let chain: Vec<_> = self.kind_and_above(kind).collect();
        let mut traits: Vec<Id> = Vec::new();
        for (_, kind) in chain.iter().rev() {
            traits.retain(|own| !kind.without.contains(own));
            for own in &kind.traits {
                if !traits.contains(own) {
                    traits.push(own.clone());
                }
            }
        }
        traits
    }

    /// The hazards of a kind: its own, or the nearest above that has any.
    pub fn hazards_of(&self, kind: &Id) -> &[KindHazard] {
        self.kind_and_above(kind)
            .map(|(_, kind)| kind.hazards.as_slice())
            .find(|h| !h.is_empty())
            .unwrap_or(&[])
    }

    /// The marks of a data kind, its own and those of the kinds above.
    pub fn marks_of(&self, kind: &Id) -> Vec<Mark> {
        let mut marks: Vec<Mark> = kind
            .with_parents()
            .filter_map(|id| self.data_kinds.get(id))
            .flat_map(|kind| kind.marks.iter().copied())
            .collect();
        marks.sort_unstable();
        marks.dedup();
        marks
    }
}

/// Where an entry comes from and how sure it is.
#[derive(Debug, Clone, Deserialize)]
pub struct Origin {
    /// Id of a source, then the place in it.
    #[serde(deserialize_with = "one_or_more")]
    pub source: Vec<String>,
    /// How sure it is.
    pub basis: Basis,
}

/// How sure an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The source says it.
    Stated,
    /// It follows from the source.
    Derived,
    /// Our own judgement.
    Own,
}

impl Basis {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Basis::Stated => "stated",
            Basis::Derived => "derived",
            Basis::Own => "own",
        }
    }

    /// The word for people.
    pub fn name(self) -> Text {
        match self {
            Basis::Stated => Text::new("出典に記載", "stated in the source"),
            Basis::Derived => Text::new("出典から導出", "derived from the source"),
            Basis::Own => Text::new("独自の判断", "own judgement"),
        }
    }
}

/// Facts that a rule asks for.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Condition {
    /// All must hold.
    #[serde(default)]
    pub all: Vec<String>,
    /// One must hold, if there are any.
    #[serde(default)]
    pub any: Vec<String>,
    /// None may hold.
    #[serde(default)]
    pub none: Vec<String>,
}

impl Condition {
    /// Every fact that the condition names.
    pub fn facts(&self) -> impl Iterator<Item = &str> {
        self.all.iter().chain(&self.any).chain(&self.none).map(String::as_str)
    }
}

/// A document that entries come from.
#[derive(Debug, Clone, Deserialize)]
pub struct Source {
    /// Its title.
    pub title: Text,
    /// Who published it.
    pub publisher: Text,
    /// What it is about.
    pub about: Option<Text>,
    /// Edition or date.
    pub edition: Option<String>,
}

macro_rules! entry {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
            /// Where it comes from.
            #[serde(flatten)]
            pub origin: Origin,
        }
    };
}
pub(crate) use entry;

entry! {
    /// A thing with a name and a sentence.
    Named {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
    }
}

entry! {
    /// A kind of asset.
    AssetKind {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// The kind above it, where the id does not tell.
        parent: Option<Id>,
        /// Traits that it brings.
        #[serde(default)]
        traits: Vec<Id>,
        /// Traits of its parent that it does not have.
        #[serde(default)]
        without: Vec<Id>,
        /// How it hurts people.
        #[serde(default)]
        hazards: Vec<KindHazard>,
        /// Picture for diagrams.
        icon: String,
    }
}

impl AssetKind {
    /// The kind above: named, or the dotted id without its last part.
    pub fn parent(&self, id: &Id) -> Option<Id> {
        self.parent.clone().or_else(|| id.as_str().rsplit_once('.').map(|(parent, _)| Id::from(parent)))
    }
}

/// How a kind of asset hurts people.
#[derive(Debug, Clone, Deserialize)]
pub struct KindHazard {
    /// Kind of the hazard.
    pub kind: Id,
    /// The worst harm.
    pub worst: Harm,
}

entry! {
    /// A kind of place or network segment.
    ZoneKind {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// Whose place it is.
        setting: String,
        /// Ways in that are open to what stands here.
        #[serde(default)]
        exposes: Vec<Id>,
        /// How far inside, 0 to 5.
        level: u8,
    }
}

entry! {
    /// What a link goes over.
    Medium {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// Sort of medium.
        kind: MediumKind,
        /// Ways in that it opens at its ends.
        #[serde(default)]
        exposes: Vec<Id>,
        /// Whether it encrypts by itself.
        encrypted: Protects,
    }
}

/// Sort of medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MediumKind {
    /// A cable.
    Wired,
    /// Radio or light through the air.
    Wireless,
    /// The internet.
    Internet,
    /// Something carried by hand.
    Removable,
    /// Inside one cabinet or device.
    Local,
}

/// Whether a medium or protocol protects what it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protects {
    /// Always.
    Yes,
    /// If set up so.
    Optional,
    /// Never.
    No,
}

entry! {
    /// What a link speaks.
    Protocol {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// Whether it protects what it carries.
        secure: Protects,
    }
}

entry! {
    /// A kind of information.
    DataKind {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// What makes it worth protecting.
        #[serde(default)]
        marks: Vec<Mark>,
    }
}

/// What makes information worth protecting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// It is about a person.
    Personal,
    /// Its leak is a grave breach of privacy.
    Sensitive,
    /// It is a trade secret.
    Secret,
    /// It makes machines do something.
    Control,
    /// It opens doors.
    Credential,
    /// It is run by a device.
    Software,
    /// Operation goes by it.
    Operation,
    /// It says how things stand.
    Measurement,
}

impl Mark {
    /// The word in files and facts.
    pub fn as_str(self) -> &'static str {
        match self {
            Mark::Personal => "personal",
            Mark::Sensitive => "sensitive",
            Mark::Secret => "secret",
            Mark::Control => "control",
            Mark::Credential => "credential",
            Mark::Software => "software",
            Mark::Operation => "operation",
            Mark::Measurement => "measurement",
        }
    }

    /// The word for people.
    pub fn name(self) -> Text {
        match self {
            Mark::Personal => Text::new("個人情報", "personal data"),
            Mark::Sensitive => Text::new("機微な情報", "sensitive data"),
            Mark::Secret => Text::new("営業秘密", "trade secrets"),
            Mark::Control => Text::new("制御の指令", "control commands"),
            Mark::Credential => Text::new("認証情報", "credentials"),
            Mark::Software => Text::new("ソフトウェア", "software"),
            Mark::Operation => Text::new("運用の情報", "operation data"),
            Mark::Measurement => Text::new("計測値", "measurements"),
        }
    }

    /// All marks.
    pub const ALL: [Mark; 8] = [
        Mark::Personal,
        Mark::Sensitive,
        Mark::Secret,
        Mark::Control,
        Mark::Credential,
        Mark::Software,
        Mark::Operation,
        Mark::Measurement,
    ];
}

entry! {
    /// A way in which things hurt people.
    HazardKind {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// It can reach people and land around the site.
        #[serde(default)]
        area: bool,
        /// It hits those who are served, such as a patient, rather than who operates.
        #[serde(default)]
        served: bool,
    }
}

entry! {
    /// What keeps things from hurting people.
    Safeguard {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// Hazards that it works against.
        against: Vec<Id>,
        /// It works without network and without software that an attacker may reach.
        independent: bool,
    }
}

entry! {
    /// A way into a system.
    EntryPoint {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// Who has got in this way can go on over the links.
        #[serde(default)]
        spreads: bool,
        /// It is open to anybody, from anywhere.
        #[serde(default)]
        outside: bool,
    }
}

entry! {
    /// What an alert of the monitor means, and what to do first.
    Alert {
        /// Its name.
        name: Text,
        /// What has been seen.
        says: Text,
        /// What is likely behind it, likely ones first.
        causes: Vec<Text>,
        /// What to look at first.
        first: Vec<Text>,
        /// Threats that show themselves in this way.
        threats: Vec<Id>,
    }
}

entry! {
    /// A fact that the program derives.
    Fact {
        /// Its name.
        name: Text,
        /// What it means.
        about: Text,
        /// What it is a fact about.
        of: FactOf,
        /// The words that the family takes, where they are no ids of entries.
        #[serde(default)]
        words: Vec<FactWord>,
    }
}

/// A word of a family of facts.
#[derive(Debug, Clone, Deserialize)]
pub struct FactWord {
    /// The word in rules.
    pub id: Id,
    /// The word for people.
    pub name: Text,
}

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactOf {
    /// An asset.
    Asset,
    /// A stakeholder.
    Stakeholder,
    /// The whole system.
    System,
    /// A step of an attack path.
    Step,
}

entry! {
    /// A threat.
    Threat {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// The list it belongs to.
        group: String,
        /// Its letter in STRIDE.
        letter: Option<String>,
        /// What an incident that it causes may lead to.
        #[serde(default)]
        leads_to: Vec<Consequence>,
    }
}

entry! {
    /// From facts about an asset to a threat.
    ThreatRule {
        /// The threat.
        proposes: Id,
        /// When it holds.
        #[serde(flatten)]
        when: Condition,
        /// How strongly the facts speak for the threat, 0 to 1.
        weight: f64,
        /// What happens.
        incident: Text,
        /// Why the facts lead to it.
        why: Text,
    }
}

entry! {
    /// A requirement of the framework's annex A.
    Requirement {
        /// Its title.
        name: Text,
        /// What it asks for.
        about: Text,
        /// Viewpoint of the third axis, 1 to 4.
        viewpoint: u8,
        /// What it is implemented in.
        target: Target,
        /// When in the life cycle.
        phase: String,
        /// Ids of the Cyber/Physical Security Framework.
        #[serde(default)]
        cps: Vec<String>,
        /// Threats it works against; empty for all.
        #[serde(default)]
        counters: Vec<Id>,
    }
}

/// What a requirement is implemented in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// ソシキ・ヒト
    Organization,
    /// プロシージャ
    Procedure,
    /// システム
    System,
}

impl Target {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Target::Organization => "organization",
            Target::Procedure => "procedure",
            Target::System => "system",
        }
    }

    /// The framework's name.
    pub fn name(self) -> Text {
        match self {
            Target::Organization => Text::new("ソシキ・ヒト", "Organization and people"),
            Target::Procedure => Text::new("プロシージャ", "Procedure"),
            Target::System => Text::new("システム", "System"),
        }
    }
}

entry! {
    /// From threats and facts to a requirement.
    RequirementRule {
        /// The requirement.
        requires: Id,
        /// Threats above the cut of which one must be there; general if empty.
        #[serde(default)]
        threats: Vec<Id>,
        /// When it holds for the system.
        #[serde(flatten)]
        when: Condition,
        /// Who implements it.
        by: Vec<Implementer>,
        /// Who has a part in it as well.
        #[serde(default)]
        also: Vec<Implementer>,
        /// Whether an asset above may do it for one that is too small.
        #[serde(default)]
        stand_in: bool,
        /// Why it is asked for.
        why: Text,
    }
}

/// A way to find the implementer of a requirement among the stakeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Implementer {
    /// The lead.
    Lead,
    /// The lead if it develops, else the developer of most of the assets concerned.
    Developer,
    /// The lead if it uses the system, else who operates most of the assets concerned.
    Operator,
    /// The user.
    User,
    /// Who installs.
    Installer,
    /// The lead if it uses the system, else who maintains the assets concerned.
    Maintainer,
    /// Who maintains most of the assets concerned, if it is neither the lead nor the user.
    ServiceProvider,
    /// Who delivers updates.
    Updater,
    /// The lead, if it develops or provides.
    LeadIfDeveloper,
    /// The lead, if it uses the system.
    LeadIfUser,
}

entry! {
    /// A concrete measure.
    Measure {
        /// The requirement that it meets.
        requirement: Id,
        /// Its name.
        name: Text,
        /// What to do.
        action: Text,
        /// Roles that can do it.
        by: Vec<String>,
        /// When in the life cycle.
        phase: String,
        /// How much work it is.
        effort: Effort,
        /// Threats it works against; empty for all.
        #[serde(default)]
        counters: Vec<Id>,
        /// Asset kinds or traits that it is applied to, or `system`.
        on: Vec<String>,
        /// What it may weaken.
        #[serde(default)]
        impairs: Vec<String>,
        /// How it may weaken that.
        caution: Option<Text>,
    }
}

/// How much work a measure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effort {
    /// Days.
    Small,
    /// Weeks.
    Medium,
    /// Months.
    Large,
}

impl Effort {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Effort::Small => "small",
            Effort::Medium => "medium",
            Effort::Large => "large",
        }
    }
}

entry! {
    /// From facts about a stakeholder to a level on an axis.
    RubricEntry {
        /// The axis.
        axis: Axis,
        /// The level.
        level: String,
        /// The row of the rating worksheet.
        factor: Factor,
        /// When it holds.
        #[serde(flatten)]
        when: Condition,
        /// What the facts mean for the stakeholder.
        why: Text,
        /// A worked example.
        example: Text,
    }
}

impl RubricEntry {
    /// The level, if the entry is about the recovery axis.
    pub fn recovery(&self) -> Option<Recovery> {
        (self.axis == Axis::Recovery)
            .then(|| Recovery::ALL.into_iter().find(|level| level.as_str() == self.level))
            .flatten()
    }

    /// The level, if the entry is about the economic axis.
    pub fn economic(&self) -> Option<Economic> {
        (self.axis == Axis::Economic)
            .then(|| Economic::ALL.into_iter().find(|level| level.as_str() == self.level))
            .flatten()
    }
}

/// One of the two axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Axis {
    /// How hard the harm is to undo.
    Recovery,
    /// How large the loss is.
    Economic,
}

impl Axis {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Axis::Recovery => "recovery",
            Axis::Economic => "economic",
        }
    }

    /// The framework's name.
    pub fn name(self) -> Text {
        match self {
            Axis::Recovery => Text::new("第1軸 回復困難性の度合い", "Recovery axis"),
            Axis::Economic => Text::new("第2軸 経済的影響の度合い", "Economic axis"),
        }
    }
}

/// A row of the rating worksheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Factor {
    /// Breach of privacy or honor.
    Privacy,
    /// Harm to life or body.
    Safety,
    /// Direct effect inside.
    DirectInternal,
    /// Direct effect outside.
    DirectExternal,
    /// How long the direct effect lasts.
    Duration,
    /// Whether it can be replaced.
    Substitutability,
    /// Indirect effect: recall and the like.
    Indirect,
}

impl Factor {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Factor::Privacy => "privacy",
            Factor::Safety => "safety",
            Factor::DirectInternal => "direct-internal",
            Factor::DirectExternal => "direct-external",
            Factor::Duration => "duration",
            Factor::Substitutability => "substitutability",
            Factor::Indirect => "indirect",
        }
    }

    /// The framework's name.
    pub fn name(self) -> Text {
        match self {
            Factor::Privacy => Text::new("プライバシー・名誉", "Privacy and honor"),
            Factor::Safety => Text::new("人命・身体", "Life and body"),
            Factor::DirectInternal => Text::new("内部への直接影響", "Direct effect inside"),
            Factor::DirectExternal => Text::new("外部への直接影響", "Direct effect outside"),
            Factor::Duration => Text::new("直接影響の継続時間", "How long it lasts"),
            Factor::Substitutability => Text::new("代替可能性", "Substitutes"),
            Factor::Indirect => {
                Text::new("間接的な影響（製品回収等）", "Indirect effect (recall and the like)")
            }
        }
    }
}

entry! {
    /// A direction for a stakeholder outside the target.
    Policy {
        /// The axis on which it brings the stakeholder back.
        axis: Axis,
        /// When it fits.
        #[serde(flatten)]
        when: Condition,
        /// The direction.
        policy: Text,
        /// Requirements that it calls for.
        requirements: Vec<Id>,
        /// Why it helps.
        why: Text,
    }
}

entry! {
    /// From facts to the assets to begin with.
    PriorityRule {
        /// Which of the two reasons.
        because: Because,
        /// When it holds.
        #[serde(flatten)]
        when: Condition,
        /// Why to begin there.
        why: Text,
    }
}

/// Why to begin with an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// A large harm.
    Harm,
    /// A high likelihood.
    Likelihood,
}

impl Because {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Because::Harm => "harm",
            Because::Likelihood => "likelihood",
        }
    }
}

fn one_or_more<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMore {
        One(String),
        More(Vec<String>),
    }
    Ok(match OneOrMore::deserialize(deserializer)? {
        OneOrMore::One(text) => vec![text],
        OneOrMore::More(texts) => texts,
    })
}
