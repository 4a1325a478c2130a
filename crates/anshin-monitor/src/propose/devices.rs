//! Devices that tell what they are: meters, OPC UA servers, items of `MTConnect`.

use anshin_model::shape::has_control;
use anshin_model::{Lang, Text};

use super::found::{EchonetMeter, FoundLogin, PowerMeter, Server, Span};
use super::guess::{Guess, guess};
use super::machine::{Input, Machine, can_be_watched};
use super::yaml::{Ids, in_line, in_remark, line, quoted};

/// A meter that speaks ECHONET Lite: a source, with what it measures and each channel of a board as machines.
pub(super) fn of_meter(
    out: &mut String,
    meter: &EchonetMeter,
    (ids, remark): (&mut Ids, &impl Fn(&Text) -> String),
    machines: &mut Vec<Machine>,
) {
    let [group, class, instance] = meter.object;
    let is_board = [group, class] == [0x02, 0x87];
    let id = ids.new_id(if is_board { "board" } else { "meter" });
    let (address, channels) = (quoted(&meter.address), meter.channels);
    let more = if channels > 0 { format!(", channels: {channels}") } else { String::new() };
    if channels > 0 {
        let text = if meter.tells_power {
            Text::new(
                format!("分電盤の{channels}回路です。機械につながっていない回路の機械は消してください"),
                format!(
                    "a distribution board with {channels} channels: take out the machines of those that feed none"
                ),
            )
        } else {
            Text::new(
                format!("分電盤の{channels}回路です。回路の電力は分からず、電力量と電流だけが分かります"),
                format!(
                    "a distribution board with {channels} channels, of which it tells energy and current, no power"
                ),
            )
        };
        line(out, &format!("  # {}", remark(&text)));
    }
    line(
        out,
        &format!(
            "  - {{ id: {id}, kind: echonet, address: {address}, object: \"{group:02x}{class:02x}{instance:02x}\"{more} }}"
        ),
    );
    let singles = (1..=channels).map(|n| (format!("channel-{n}"), format!("channel-{n}.power")));
    let both_ways = (1..=meter.both_ways).map(|n| (format!("both-{n}"), format!("both-{n}.power")));
    let of_channels = singles.chain(both_ways).filter(|_| meter.tells_power);
    let whole = ("measured-by-meter".to_owned(), "power".to_owned());
    for (name, take) in [whole].into_iter().chain(of_channels) {
        let input = Input { topic: None, take: vec![take], guess: Guess::Power(1.0), span: Span::default() };
        let name = if name.starts_with("measured") { name } else { format!("{id}-{name}") };
        machines.push(Machine::new(&name, id.clone(), vec![input], ids));
    }
}

/// A meter that speaks Modbus: a source if its registers are known, or what there is to say of it.
pub(super) fn of_power_meter(
    out: &mut String,
    found: &PowerMeter,
    (ids, remark): (&mut Ids, &impl Fn(&Text) -> String),
    machines: &mut Vec<Machine>,
) {
    let (address, unit) = (quoted(&found.address), found.unit);
    let said = in_remark(&found.said.join(", "));
    let Some(meter) = &found.meter else {
        let text = Text::new(
            format!(
                "{}（{said}）はModbusに応じますが、どのレジスターかが分かりません。説明書のレジスター表から次のように書いてください",
                found.address
            ),
            format!(
                "{} ({said}) speaks Modbus, but its registers are not known here; write them from the map in its manual, as in",
                found.address
            ),
        );
        line(out, &format!("  # {}", in_line(&remark(&text))));
        line(
            out,
            &format!(
                "  # - {{ id: meter, kind: modbus, address: {address}, unit: {unit}, registers: [ {{ id: power, at: 0, form: f32 }} ] }}"
            ),
        );
        return;
    };
    let whose = meter.described_by.name();
    let [seems_ja, seems_en] = [Lang::Ja, Lang::En].map(|lang| meter.name.get(lang));
    let seems = Text::new(
        format!(
            "{seems_ja}（{said}）: {:.1} Hz、{:.0} Vを測っています。レジスターの出どころは{}です",
            meter.frequency,
            meter.voltage,
            whose.get(Lang::Ja)
        ),
        format!(
            "{seems_en} ({said}): it measures {:.1} Hz and {:.0} V; its registers are described by {}",
            meter.frequency,
            meter.voltage,
            whose.get(Lang::En)
        ),
    );
    line(out, &format!("  # {}", in_line(&remark(&seems))));
    let id = ids.new_id("meter");
    line(out, &format!("  - id: {id}"));
    line(out, &format!("    kind: modbus\n    address: {address}\n    unit: {unit}\n    registers:"));
    for (register, value) in &meter.registers {
        let form = register.form.id();
        let table = if register.input { ", table: input" } else { "" };
        let factor = if (register.factor - 1.0).abs() < f64::EPSILON {
            String::new()
        } else {
            format!(", factor: {}", register.factor)
        };
        line(
            out,
            &format!(
                "      - {{ id: {}, at: {}, form: {form}{table}{factor} }}  # {value}",
                register.id, register.at
            ),
        );
    }
    let inputs = meter.registers.iter().map(|(register, value)| {
        let guess = if register.id.as_str() == "power" { Guess::Power(1.0) } else { Guess::Counter(1.0) };
        let mut span = Span::default();
        span.take(&value.to_string());
        Input { topic: None, take: vec![register.id.to_string()], guess, span }
    });
    machines.push(Machine::new("measured-by-meter", id, inputs.collect(), ids));
}

/// Most variables of a server that are proposed.
const MOST_NODES: usize = 1_000;

/// An OPC UA server: a source with the variables of the objects that look like machines.
pub(super) fn of_server(
    out: &mut String,
    (server, login): (&Server, Option<&FoundLogin>),
    ids: &mut Ids,
    machines: &mut Vec<Machine>,
) {
    let id = ids.new_id("server");
    let (mut nodes, mut node_ids) = (Vec::new(), Ids::default());
    let mut of_server = Vec::new();
    for (path, variables) in &server.objects {
        let mut inputs = Vec::new();
        let mut used = Vec::new();
        for variable in variables {
            let guess = guess(&variable.name, &variable.span);
            let fits = |guess: &Guess| !matches!(guess, Guess::Time(_)) && !has_control(&variable.node);
            let Some(guess) = guess.filter(fits) else { continue };
            let last = path.rsplit('/').next().unwrap_or_default();
            let take = node_ids.new_id(&format!("{last} {}", variable.name));
            used.push(format!("      - {{ id: {take}, node: {} }}", quoted(&variable.node)));
            inputs.push(Input { topic: None, take: vec![take], guess, span: variable.span.clone() });
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        if can_be_watched(&inputs) && nodes.len() + used.len() <= MOST_NODES {
            nodes.extend(used);
            of_server.push(Machine::new(name, id.clone(), inputs, ids));
        }
    }
    if nodes.is_empty() {
        line(out, &format!("  # {}: OPC UA", in_remark(&server.address)));
        return;
    }
    line(out, &format!("  - id: {id}\n    kind: opc-ua\n    address: {}", quoted(&server.address)));
    for key in login.into_iter().flat_map(FoundLogin::keys) {
        line(out, &format!("    {key}"));
    }
    line(out, "    nodes:");
    for node in &nodes {
        line(out, node);
    }
    machines.extend(of_server);
}

/// What a data item of `MTConnect` says, by its type.
pub(super) fn of_item(id: &str, kind: &str) -> Vec<Input> {
    let input = |guess: &Guess| Input {
        topic: None,
        take: vec![id.to_owned()],
        guess: *guess,
        span: Span::default(),
    };
    of_kind(kind).iter().filter(|_| !has_control(id)).map(input).collect()
}

/// What a type of data items of `MTConnect` says.
pub(super) fn of_kind(kind: &str) -> &'static [Guess] {
    match kind {
        "EXECUTION" => &[Guess::Execution, Guess::State, Guess::Hold],
        "CONTROLLER_MODE" => &[Guess::SetUp],
        "PROGRAM" => &[Guess::Key],
        "WATTAGE" => &[Guess::Power(1.0)],
        "ELECTRICAL_ENERGY" => &[Guess::Counter(1.0)],
        _ => &[],
    }
}
