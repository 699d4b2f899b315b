//! Credentials that end, change, hang or have to be asked for: the console goes on, says what it lacks, and its keys
//! are answered all the while.

use std::{
    fs,
    net::Ipv4Addr,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use color_eyre::eyre::{Result, ensure, eyre};
use serde_json::{Value, json};

use crate::{
    harness::{
        certificates,
        cluster::Cluster,
        front::{self, Front, Gate},
        site::Site,
        workload::Workload,
    },
    rig::{clock, clock::eventually, pki::Authority, users::Role},
    support::{screen::Size, terminal::Terminal},
};

/// The protocol of credential plugins.
const V1: &str = "client.authentication.k8s.io/v1";
/// How long changed credentials may take to be found.
const FOUND: Duration = Duration::from_secs(20);
/// A plugin is ended after so long.
const PLUGIN_LIFE: Duration = Duration::from_secs(20);
/// A key has to be answered within this time; three times as long is let pass.
const KEY_GOAL: Duration = Duration::from_millis(100);

/// A site whose programs reach the simulator through a front that looks at credentials.
struct Guarded<'c> {
    site: Site<'c>,
    api: Workload,
    authority: Authority,
    front: Front,
}

impl<'c> Guarded<'c> {
    fn new(cluster: &'c Cluster, name: &str, certificates_only: bool) -> Result<Self> {
        let site = Site::new(cluster, name, Role::Driver)?;
        let api = Workload { replicas: 4, ..Workload::new("api", "1.0.0") };
        site.deploy(&api)?;
        let authority = Authority::new(&site.home().join("authority"))?;
        let files = certificates::server(&authority, "front", &["127.0.0.1"], certificates::GOOD)?;
        let clients = certificates_only.then(|| authority.certificate());
        let upstream = cluster.address()?;
        let upstream = (upstream.as_str(), site.user.as_str());
        let front =
            Front::start(cluster.handle(), Ipv4Addr::LOCALHOST.into(), &files, clients.as_deref(), upstream)?;
        Ok(Self { site, api, authority, front })
    }

    /// From now on programs of this site are this user.
    fn log_in(&mut self, user: &Value) -> Result<()> {
        let server = format!("https://{}", self.front.address());
        let cluster = json!({ "server": server, "certificate-authority": self.authority.certificate() });
        self.site.connect_by(&cluster, user)
    }

    fn at_rest(&self) -> Result<Terminal> {
        let console = self.site.console(Size::SMALL, &[])?;
        console.wait_text("nothing moves")?;
        Ok(console)
    }

    /// A change arrives on the screen, an act of it at the server.
    fn ensure_live(&self, console: &Terminal) -> Result<()> {
        self.site.set_image(&self.api, "1.1.0-never")?;
        console.wait_way_back("1.0.0")?;
        console.press_alone("H")?;
        console.wait_text("PROVEN: Hold api")?;
        self.site.ensure_sent(&["patch deployments/api"])
    }
}

/// Writes a program and gives back the kubeconfig's user entry that runs it, and its path.
fn plugin(site: &Site<'_>, mode: &str, body: &str) -> Result<(Value, PathBuf)> {
    let path = site.file("login", &format!("#!/bin/sh\n{body}\n"))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    let user = json!({ "exec": { "apiVersion": V1, "command": path, "interactiveMode": mode } });
    Ok((user, path.into()))
}

/// A shell line that prints a credential with a token.
fn answer(token: &str) -> String {
    format!(
        "printf '{{\"apiVersion\":\"{V1}\",\"kind\":\"ExecCredential\",\"status\":{{\"token\":\"%s\"}}}}' \"{token}\""
    )
}

/// Shell lines that print a token of so many seconds, and count how often they were run.
fn short_lived(seconds: u64) -> String {
    format!(
        "echo run >> \"$0.runs\"\nend=$(( $(date +%s) + {seconds} ))\nprintf '{{\"apiVersion\":\"{V1}\",\"kind\":\"ExecCredential\",\"status\":{{\"token\":\"short-%s\",\"expirationTimestamp\":\"%s\"}}}}' \"$end\" \"$(date -u -d \"@$end\" +%Y-%m-%dT%H:%M:%SZ)\""
    )
}

fn runs(plugin: &Path) -> Result<usize> {
    Ok(fs::read_to_string(plugin.with_extension("runs"))?.lines().count())
}

/// The screen tells nothing of credentials and of silence for so long.
fn stays_live(console: &Terminal, watched: Duration) -> Result<()> {
    let start = clock::now();
    while start.elapsed() < watched {
        let frame = console.frame();
        ensure!(!frame.shows("STALE") && !frame.shows("credentials"), "{frame}");
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn outlives_its_tokens(cluster: &Cluster, name: &str, life: u64, watched: Duration) -> Result<()> {
    let mut guarded = Guarded::new(cluster, name, false)?;
    guarded.front.set(Gate::ShortLived);
    let (user, plugin) = plugin(&guarded.site, "Never", &short_lived(life))?;
    guarded.log_in(&user)?;
    let console = guarded.at_rest()?;
    stays_live(&console, watched)?;
    guarded.ensure_live(&console)?;
    let (seen, runs) = (guarded.front.seen(), runs(&plugin)?);
    println!("{} tokens of {life} s, {} requests, {runs} runs", seen.tokens.len(), seen.admitted);
    ensure!(seen.refused == 0, "{} requests with a token that had ended", seen.refused);
    let lives = usize::try_from(watched.as_secs() / life)?;
    ensure!(seen.tokens.len() >= lives && runs <= lives * 3 + 3, "{runs} runs, {:#?}", seen.tokens);
    Ok(())
}

pub(crate) fn tokens_of_seconds_are_renewed(cluster: &Cluster) -> Result<()> {
    outlives_its_tokens(cluster, "short-tokens", 6, Duration::from_secs(20))
}

pub(crate) fn tokens_are_renewed_for_hours(cluster: &Cluster) -> Result<()> {
    outlives_its_tokens(cluster, "tokens-for-hours", 30, Duration::from_hours(2))
}

/// The server wants another token; it is there once somebody has put it into `file`.
fn another_token(guarded: &mut Guarded<'_>, file: &Path, user: &Value) -> Result<()> {
    fs::write(file, "first\n")?;
    guarded.front.set(Gate::token("first"));
    guarded.log_in(user)?;
    let console = guarded.at_rest()?;
    let next = file.with_extension("next");
    fs::write(&next, "second\n")?;
    fs::rename(next, file)?;
    guarded.front.set(Gate::token("second"));
    eventually("the new token is used", FOUND, || {
        Ok(guarded.front.seen().tokens.contains("second").then_some(()))
    })?;
    console.wait_for("no word of credentials", |frame| !frame.shows("credentials"))?;
    guarded.ensure_live(&console)
}

pub(crate) fn a_token_file_is_read_again(cluster: &Cluster) -> Result<()> {
    let mut guarded = Guarded::new(cluster, "token-file", false)?;
    let file = guarded.site.home().join("token");
    another_token(&mut guarded, &file, &json!({ "tokenFile": file }))
}

pub(crate) fn a_refused_token_without_an_end_is_asked_for_again(cluster: &Cluster) -> Result<()> {
    let mut guarded = Guarded::new(cluster, "no-expiry", false)?;
    let body = format!("echo run >> \"$0.runs\"\n{}", answer("$(cat \"$0.token\")"));
    let (user, plugin) = plugin(&guarded.site, "IfAvailable", &body)?;
    another_token(&mut guarded, &plugin.with_extension("token"), &user)?;
    let runs = runs(&plugin)?;
    ensure!(runs <= 4, "one refusal ran the plugin {runs} times");
    Ok(())
}

pub(crate) fn a_client_certificate_is_renewed(cluster: &Cluster) -> Result<()> {
    const LIFE: i64 = 12;
    let mut guarded = Guarded::new(cluster, "client-certificate", true)?;
    let issue = |guarded: &Guarded<'_>, life| {
        certificates::user(&guarded.authority, "someone", "rig:driver", -60..life)
    };
    let files = issue(&guarded, LIFE)?;
    let ended = front::now() + LIFE.unsigned_abs();
    guarded.log_in(&json!({ "client-certificate": files.certificate, "client-key": files.key }))?;
    let console = guarded.at_rest()?;
    issue(&guarded, 3600)?;
    while front::now() < ended + 2 {
        stays_live(&console, Duration::from_millis(500))?;
    }
    guarded.ensure_live(&console)?;
    let said = guarded.site.run(&["status"])?;
    ensure!(said.code == Some(7), "in flight, seen by the new certificate: {said:#?}");
    issue(&guarded, -10)?;
    let said = guarded.site.run(&["status"])?;
    ensure!(said.code == Some(5), "nobody comes in with an old one: {said:#?}");
    Ok(())
}

pub(crate) fn a_plugin_that_hangs_holds_up_no_key(cluster: &Cluster) -> Result<()> {
    let mut guarded = Guarded::new(cluster, "hanging-plugin", false)?;
    guarded.front.set(Gate::ShortLived);
    let body =
        format!("[ -e \"$0.hang\" ] && {{ sleep 1000 & echo $! > \"$0.pid\"; wait; }}\n{}", short_lived(6));
    let (user, plugin) = plugin(&guarded.site, "Never", &body)?;
    guarded.log_in(&user)?;
    let console = guarded.at_rest()?;
    let (hang, pid) = (plugin.with_extension("hang"), plugin.with_extension("pid"));
    fs::write(&hang, "")?;
    let pid = eventually("the plugin hangs", FOUND, || {
        Ok(fs::read_to_string(&pid).ok().filter(|pid| pid.ends_with('\n')))
    })?;
    let began = clock::now();
    let mut slowest = Duration::ZERO;
    while began.elapsed() < PLUGIN_LIFE / 2 {
        for (key, title) in [("2", "Versions"), ("1", "Workloads")] {
            let pressed = clock::now();
            console.press(key)?;
            console.wait_text(title)?;
            slowest = slowest.max(pressed.elapsed());
            thread::sleep(Duration::from_millis(400));
        }
    }
    println!("slowest key {} ms, goal {KEY_GOAL:?}", slowest.as_millis());
    // a key that waited for the plugin would take until its end; how long one takes on a busy machine is only told
    ensure!(slowest < PLUGIN_LIFE / 4, "a key took {slowest:?}");
    console.wait_within(PLUGIN_LIFE * 2, "what is wrong is said", |frame| {
        frame.shows("gave no answer in 20 s")
    })?;
    let child = format!("/proc/{}/stat", pid.trim());
    let gone = || fs::read_to_string(&child).map_or(true, |stat| stat.contains(") Z "));
    ensure!(gone(), "the plugin's child lives on");
    fs::remove_file(&hang)?;
    console.wait_within(PLUGIN_LIFE * 2, "it is live again", |frame| {
        !frame.shows("credentials") && !frame.shows("STALE")
    })?;
    guarded.ensure_live(&console)
}

pub(crate) fn a_plugin_asks_before_the_screen_is_taken(cluster: &Cluster) -> Result<()> {
    let mut guarded = Guarded::new(cluster, "asking-plugin", false)?;
    guarded.front.set(Gate::token("word-7"));
    let body = format!("printf 'Password: ' >&2\nread -r word\n{}", answer("$word"));
    let (user, _) = plugin(&guarded.site, "Always", &body)?;
    guarded.log_in(&user)?;
    let said = guarded.site.run(&["status"])?;
    ensure!(said.code == Some(5) && said.stderr.contains("must ask at the terminal"), "{said:#?}");
    let console = guarded.site.console(Size::SMALL, &[])?;
    let frame = console.wait_text("Password:")?;
    ensure!(!frame.full_screen, "{frame}");
    console.send(b"word-7\r")?;
    let frame = console.wait_text("nothing moves")?;
    ensure!(frame.full_screen, "{frame}");
    guarded.front.set(Gate::token("word-8"));
    let frame = console.wait_within(FOUND, "it cannot ask now, and says so", |frame| {
        frame.shows("must ask at the terminal")
    })?;
    ensure!(frame.full_screen && !frame.shows("Password"), "{frame}");
    console.press("2")?;
    console.wait_text("Deployment/api in")?;
    console.press("1")?;
    guarded.front.set(Gate::token("word-7"));
    console.wait_within(FOUND * 2, "it is live again", |frame| !frame.shows("must ask"))?;
    guarded.ensure_live(&console)
}

pub(crate) fn only_listed_plugins_are_run(cluster: &Cluster) -> Result<()> {
    let mut guarded = Guarded::new(cluster, "listed-plugins", false)?;
    let (user, plugin) =
        plugin(&guarded.site, "Never", &format!("echo run >> \"$0.runs\"\n{}", answer("t")))?;
    guarded.log_in(&user)?;
    let folder = guarded.site.home().join("config/gonogo");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("config.toml"), "exec_plugins = [\"/usr/bin/another\"]\n")?;
    let said = guarded.site.run(&["status"])?;
    let path = plugin.display().to_string();
    ensure!(said.code == Some(5) && said.stderr.contains(&path), "the path is named: {said:#?}");
    ensure!(runs(&plugin).is_err(), "it was run all the same");
    fs::write(folder.join("config.toml"), format!("exec_plugins = [{path:?}]\n"))?;
    let said = guarded.site.run(&["status"])?;
    ensure!(said.code == Some(0), "{said:#?}");
    runs(&plugin).map(drop).map_err(|error| eyre!("it was not run: {error:#}"))
}

pub(crate) fn certificates_of_seconds_are_renewed(cluster: &Cluster) -> Result<()> {
    const LIFE: u64 = 10;
    const WATCHED: u64 = 30;
    let mut site = Site::new(cluster, "short-certificates", Role::Driver)?;
    let api = Workload { replicas: 4, ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    let now = front::now();
    let ends: Vec<u64> = (1..=2 * WATCHED / LIFE + 6).map(|number| now + number * LIFE).collect();
    let choose: Vec<String> = ends.iter().map(ToString::to_string).collect();
    let body = format!(
        "echo run >> \"$0.runs\"\nfor end in {}; do [ \"$end\" -gt $(( $(date +%s) + 3 )) ] && break; done\ncat \"$0.$end\"",
        choose.join(" ")
    );
    let (user, plugin) = plugin(&site, "Never", &body)?;
    for end in ends {
        let life = i64::try_from(end - now)?;
        let files = certificates::user(cluster.authority()?, &site.user, Role::Driver.group(), -60..life)?;
        // nothing says when it ends but the certificate itself
        let answer = json!({
            "apiVersion": V1,
            "kind": "ExecCredential",
            "status": {
                "clientCertificateData": fs::read_to_string(files.certificate)?,
                "clientKeyData": fs::read_to_string(files.key)?,
            },
        });
        fs::write(plugin.with_extension(end.to_string()), answer.to_string())?;
    }
    site.go_as(&user)?;
    let console = site.console(Size::SMALL, &[])?;
    console.wait_text("nothing moves")?;
    stays_live(&console, Duration::from_secs(WATCHED))?;
    site.set_image(&api, "1.1.0-never")?;
    console.wait_way_back("1.0.0")?;
    console.press_alone("H")?;
    console.wait_text("PROVEN: Hold api")?;
    let runs = runs(&plugin)?;
    println!("{runs} certificates of {LIFE} s");
    ensure!(runs > 3, "{runs} runs");
    site.ensure_sent(&["patch deployments/api"])
}
