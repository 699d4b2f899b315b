//! `probes`.

use super::super::fields::{Fields, word};
use super::super::names::{Kind, Names};
use super::super::rules::{Findings, Rule};
use super::super::schema;
use super::super::tree::{Node, Value};
use super::super::values::{text, whole};
use super::super::words::ProbeWord;
use crate::model::Text;
use crate::model::ids::ProbeId;
use crate::model::measure::Op;
use crate::model::plan::{
    DOWNTIME_EVERY, Expect, JsonExpect, PROBE_EVERY, PROBE_TIMEOUT, Probe, ProbeFrom, ProbeTarget,
};

/// Reads all probes.
pub(super) fn read(file: &Fields<'_>, names: &mut Names, found: &mut Findings) -> Vec<Probe> {
    file.list("probes", found).iter().filter_map(|node| read_one(node, names, found)).collect()
}

fn read_one(node: &Node, names: &mut Names, found: &mut Findings) -> Option<Probe> {
    let fields = Fields::read(node, &schema::PROBE, found)?;
    let id = fields.id(found);
    if let Some((id, spot)) = id {
        names.give(Kind::Probe, id, spot, found);
    }
    let kind = fields.word::<ProbeWord>("kind", found);
    let from = fields.word::<ProbeFrom>("from", found).unwrap_or_default();
    let all_pods = fields.flag("all_pods", found);
    if all_pods && from != ProbeFrom::PodProxy {
        let message = "`all_pods` asks the pods themselves, and this probe does not";
        found.advise(Rule::Value, fields.place("all_pods"), message, "write `from: pod-proxy`");
    }
    let counts_as_downtime = fields.flag("counts_as_downtime", found);
    let usual = if counts_as_downtime { DOWNTIME_EVERY } else { PROBE_EVERY };
    let every = fields.span("every", found).unwrap_or(usual);
    if every.is_zero() {
        found.add(Rule::Value, fields.place("every"), "`every` is at least one second");
    }
    let timeout = fields.span("timeout", found).unwrap_or(PROBE_TIMEOUT);
    if timeout.is_zero() {
        found.add(Rule::Value, fields.place("timeout"), "`timeout` is at least one second");
    }
    let target = fields.get("target").and_then(|node| read_target(node, kind?, from, found));
    let expect = fields.get("expect").and_then(|node| read_expect(node, kind, found)).unwrap_or_default();
    Some(Probe {
        id: ProbeId::from(id?.0),
        target: target?,
        from,
        every,
        timeout,
        expect,
        all_pods,
        counts_as_downtime,
    })
}

fn read_target(node: &Node, kind: ProbeWord, from: ProbeFrom, found: &mut Findings) -> Option<ProbeTarget> {
    let word = text(node, "target", found)?.trim();
    let read = match (kind, from) {
        (ProbeWord::Http, ProbeFrom::PodProxy) => {
            pod_path(word).ok_or("a pod is asked by port and path: `:8080/healthz`")
        }
        (_, ProbeFrom::PodProxy) => Err("the API server passes HTTP alone on to pods: `kind: http`"),
        (ProbeWord::Http, _) => url(word).ok_or("a URL: `https://fx.example.com/healthz`"),
        (ProbeWord::Tcp, _) => endpoint(word)
            .map(|(host, port)| ProbeTarget::Tcp { host, port })
            .ok_or("a host and a port: `db.example.com:5432`"),
        (ProbeWord::Tls, _) => endpoint(word)
            .map(|(host, port)| ProbeTarget::Tls { host, port })
            .ok_or("a host and a port: `fx.example.com:443`"),
        (ProbeWord::Dns, _) => is_host(word)
            .then(|| ProbeTarget::Dns { name: word.to_owned() })
            .ok_or("a name: `fx.example.com`"),
    };
    match read {
        Ok(target) => Some(target),
        Err(wanted) => {
            found.advise(Rule::Value, node.spot, format!("`{word}` cannot be the `target`"), wanted);
            None
        }
    }
}

fn is_host(word: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    !word.is_empty() && word.len() <= 253 && word.chars().all(inner) && !word.starts_with(['-', '.'])
}

fn endpoint(word: &str) -> Option<(String, u16)> {
    let (host, port) = word.rsplit_once(':')?;
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let known = match address {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => is_host(host),
    };
    let port = port.parse().ok().filter(|port| *port > 0)?;
    known.then(|| (address.unwrap_or(host).to_owned(), port))
}

fn url(word: &str) -> Option<ProbeTarget> {
    let rest = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next()?;
    // a password in a plan is a password in the journal
    let plain = is_host(host) || endpoint(host).is_some();
    let printable = rest.chars().all(|c| c.is_ascii_graphic());
    (plain && printable).then(|| ProbeTarget::Http { url: word.to_owned() })
}

fn pod_path(word: &str) -> Option<ProbeTarget> {
    let rest = word.strip_prefix(':')?;
    let (port, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let port = port.parse().ok().filter(|port| *port > 0)?;
    path.chars().all(|c| c.is_ascii_graphic()).then(|| ProbeTarget::PodHttp { port, path: path.to_owned() })
}

/// Members of `expect` that each kind can see.
const fn sees(kind: ProbeWord) -> &'static [&'static str] {
    match kind {
        ProbeWord::Http => &["status", "body_contains", "json", "header", "max_ms", "refused"],
        ProbeWord::Tcp => &["max_ms", "refused"],
        ProbeWord::Tls => &["cert_days_min", "max_ms", "refused"],
        ProbeWord::Dns => &["max_ms"],
    }
}

fn read_expect(node: &Node, kind: Option<ProbeWord>, found: &mut Findings) -> Option<Expect> {
    let fields = Fields::read(node, &schema::EXPECT, found)?;
    for member in schema::EXPECT.members {
        if let (Some(node), Some(kind)) = (fields.get(member.key), kind)
            && !sees(kind).contains(&member.key)
        {
            let message = format!("a probe of this kind never sees `{}`", member.key);
            found.advise(Rule::Value, node.spot, message, super::super::values::listed(sees(kind)));
        }
    }
    let headers = fields.get("header").map(|node| read_headers(node, found)).unwrap_or_default();
    let json = fields.list("json", found).iter().filter_map(|node| read_json(node, found)).collect();
    Some(Expect {
        status: fields.get("status").map(|node| read_status(node, found)).unwrap_or_default(),
        body_contains: fields.text("body_contains", found),
        json,
        headers,
        max_ms: fields.small("max_ms", found),
        cert_days_min: fields.small("cert_days_min", found),
        refused: fields.flag("refused", found),
    })
}

fn read_status(node: &Node, found: &mut Findings) -> Vec<u16> {
    let nodes = match &node.value {
        Value::List(items) => items.as_slice(),
        Value::Scalar { .. } | Value::Map(_) => std::slice::from_ref(node),
    };
    let mut all = Vec::new();
    for node in nodes {
        let Some(number) = whole(node, "status", found) else { continue };
        match u16::try_from(number) {
            Ok(status) if (100..600).contains(&status) => all.push(status),
            Ok(_) | Err(_) => found.add(Rule::Value, node.spot, format!("`{number}` is no HTTP status")),
        }
    }
    all
}

fn read_headers(node: &Node, found: &mut Findings) -> Vec<(String, Text)> {
    let Value::Map(members) = &node.value else {
        found.advise(Rule::Value, node.spot, "`header` is names and values", "write `header: {name: value}`");
        return Vec::new();
    };
    let read = members.iter().filter_map(|member| {
        Some((member.key.to_ascii_lowercase(), Text::clean(text(&member.node, &member.key, found)?)))
    });
    read.collect()
}

fn read_json(node: &Node, found: &mut Findings) -> Option<JsonExpect> {
    let fields = Fields::read(node, &schema::JSON_EXPECT, found)?;
    let op = fields.get("op").map_or(Some(Op::Equal), |node| word(node, "op", found));
    let (path, value) = (fields.text("path", found), fields.text("value", found));
    let (path, op, value) = (path?, op?, value?);
    if !matches!(op, Op::Equal | Op::NotEqual) && value.as_str().parse::<f64>().is_err() {
        found.add(
            Rule::Value,
            fields.place("value"),
            format!("`{op}` compares numbers, and `{value}` is none"),
        );
    }
    Some(JsonExpect { path: path.as_str().to_owned(), op, value })
}
