//! Text that tries to write to the operator's terminal, wherever a cluster or a file may hold text.

use std::thread;

use color_eyre::eyre::{Result, ensure};
use serde_json::{Value, json};

use crate::{
    harness::{cluster::Cluster, dice::Dice, site::Site, workload::Workload},
    rig::users::Role,
    support::{screen::Size, terminal::Terminal, watch::Watch},
};

/// What each hostile string is made of.
const PARTS: [&str; 24] = [
    "\u{1b}[2J",
    "\u{1b}[5i",
    "\u{1b}[31m",
    "\u{1b}]52;c;ZXZpbA==\u{7}",
    "\u{1b}]0;title\u{1b}\\",
    "\u{1b}P+q\u{1b}\\",
    "\u{1b}c",
    "\u{1b}(0",
    "\u{9b}5i",
    "\u{9d}0;t\u{9c}",
    "\u{90}q\u{9c}",
    "\u{7}",
    "\u{8}",
    "\u{7f}",
    "\r",
    "\t",
    "\u{202e}gnp.exe",
    "\u{2066}x\u{2069}",
    "\u{200b}",
    "\u{feff}",
    "\u{2028}",
    "\u{e0041}",
    "\u{200d}",
    "z\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
];
/// Harmless, to be found again between them.
const WORDS: [&str; 4] = ["api", "ready", "v1", "日本"];
/// Strings in one event's message.
const PER_MESSAGE: usize = 25;

fn hostile(dice: &mut Dice) -> String {
    (0..dice.below(4) + 2)
        .map(|_| {
            let part = if dice.below(3) == 0 { None } else { PARTS.get(usize::from(dice.below(24))) };
            part.copied().unwrap_or(WORDS[usize::from(dice.below(4))])
        })
        .collect()
}

/// Says something about the Deployment, as controllers do.
fn tell(site: &Site<'_>, uid: &Value, number: usize, message: &str) -> Result<()> {
    let about = json!({
        "kind": "Deployment", "apiVersion": "apps/v1", "name": "api", "namespace": site.namespace, "uid": uid,
    });
    let event = json!({
        "metadata": { "name": format!("hostile-{number}"), "namespace": site.namespace },
        "involvedObject": about,
        "reason": format!("Hostile{number}"),
        "message": message,
        "type": "Warning",
        "source": { "component": message },
        "firstTimestamp": "2030-01-01T00:00:00Z",
        "lastTimestamp": "2030-01-01T00:00:00Z",
        "count": 1,
    });
    site.create("/api/v1", "events", &event).map(drop)
}

fn ensure_clean(console: &Terminal, what: &str) -> Result<()> {
    let strays = console.strays();
    ensure!(strays.is_empty(), "{what} got through to the terminal: {strays:?}\n{}", console.frame());
    Ok(())
}

fn attack(cluster: &Cluster, name: &str, strings: usize) -> Result<()> {
    let site = Site::new(cluster, name, Role::Driver)?;
    let api = Workload::new("api", "1.0.0");
    site.deploy(&api)?;
    let mut dice = Dice::new();
    let uid = site.deployment("api")?["metadata"]["uid"].clone();
    let nasty = PARTS.concat();
    let annotations = json!({ "kubernetes.io/change-cause": nasty, "note": hostile(&mut dice) });
    let template = json!({ "metadata": { "annotations": annotations } });
    site.patch(
        "api",
        &json!({ "metadata": { "annotations": annotations }, "spec": { "template": template } }),
    )?;
    // image names are checked by nobody but the kubelet
    site.set_image(&api, &format!("1.1.0-imagepull{}end", PARTS.concat().trim()))?;
    for number in 0..strings.div_ceil(PER_MESSAGE) {
        let message: Vec<String> = (0..PER_MESSAGE).map(|_| hostile(&mut dice)).collect();
        tell(&site, &uid, number, &message.join(" "))?;
    }
    let plan = site.file("plan.yaml", &plan(&nasty, &site.namespace))?;
    for size in [Size::SMALL, Size::WIDE] {
        let console = site.console(size, &["run", &plan])?;
        console.wait_text("imagepull")?;
        for key in ["2", "3", "4", "5", "7", "0", "1", "i"] {
            console.press(key)?;
            thread::sleep(std::time::Duration::from_millis(300));
        }
        console.press("Esc")?;
        // through all events
        console.press_alone("2")?;
        console.wait_for("the events are there", |frame| frame.shows("Hostile"))?;
        for _ in 0..20 {
            console.press("\x1b[6~")?;
            thread::sleep(std::time::Duration::from_millis(60));
        }
        for key in ["y", "Esc", "B", "r", "Esc", "!", "Esc"] {
            console.press_alone(key)?;
        }
        ensure_clean(&console, "text of the cluster or of the plan")?;
    }
    text_verbs(&site, &nasty)
}

/// A plan whose every text is hostile.
fn plan(nasty: &str, namespace: &str) -> String {
    let plan = json!({
        "plan": { "id": "nasty", "title": nasty, "format": 1 },
        "release": { "version": nasty },
        "environments": [{
            "id": "rig",
            "kind": "staging",
            "contexts": [{ "kubeconfig_context": "rig", "namespaces": [namespace] }],
        }],
        "components": [{ "id": "api", "workloads": [{ "kind": "Deployment", "name": "api" }] }],
        "phases": [{ "id": "go", "checklists": ["before"] }],
        "checklists": [{ "id": "before", "title": nasty, "items": [{ "id": "one", "text": nasty }] }],
    });
    in_ascii(&plan)
}

/// JSON with nothing but ASCII in it: YAML refuses control characters that stand for themselves.
fn in_ascii(value: &Value) -> String {
    let mut out = String::new();
    for c in value.to_string().chars() {
        match c {
            ' '..='~' => out.push(c),
            _ => out.extend(["\\U".to_owned(), format!("{:08x}", u32::from(c))]),
        }
    }
    out
}

/// Everything that is printed without a screen.
fn text_verbs(site: &Site<'_>, nasty: &str) -> Result<()> {
    let broken =
        site.file("broken.yaml", &format!("plan: {{id: x, title: {0}}}\n{0}: 1\n", in_ascii(&json!(nasty))))?;
    let other = site.file("other", &in_ascii(&json!({ "current-context": nasty })))?;
    let verbs: [&[&str]; 9] = [
        &["status"],
        &["status", "-o", "json"],
        &["info"],
        &["rollback", "api"],
        &["hold", "api", "--yes"],
        &["session", "show"],
        &["session", "show", "-o", "json"],
        &["run", &broken],
        &["status", "--kubeconfig", &other],
    ];
    for verb in verbs {
        let said = site.run(verb)?;
        let mut watch = Watch::default();
        watch.receive(said.stdout.as_bytes());
        watch.receive(said.stderr.as_bytes());
        ensure!(watch.strays().is_empty(), "{verb:?}: {:?}\n{said:#?}", watch.strays());
        ensure!(!said.stdout.is_empty() || !said.stderr.is_empty(), "{verb:?} said nothing");
    }
    Ok(())
}

pub(crate) fn text_moves_no_terminal(cluster: &Cluster) -> Result<()> {
    attack(cluster, "hostile", 200)
}

pub(crate) fn much_text_moves_no_terminal(cluster: &Cluster) -> Result<()> {
    attack(cluster, "hostile-much", 10_000)
}
