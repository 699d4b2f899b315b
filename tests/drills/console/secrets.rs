//! What proves who we are is told nowhere: not on the screen, in the journal, in the log at its fullest, or to other
//! processes. And what is written is for one user alone.

use std::{
    fs,
    net::Ipv4Addr,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use color_eyre::eyre::{Result, ensure};
use serde_json::json;

use crate::{
    harness::{
        certificates,
        cluster::Cluster,
        forward::{Forward, Speech},
        front::{Front, Gate},
        keys::SHORT_NAME,
        site::Site,
        workload::Workload,
    },
    rig::{pki::Authority, users::Role},
    support::{screen::Size, terminal::PATIENCE},
};

/// In every secret of these drills.
const CANARY: &str = "cAnArY9Zq7Xw";
/// `proxy-user:` and the proxy's word, as it goes over the wire.
const PROXY_LOGIN: &str = "Basic cHJveHktdXNlcjpjQW5Bclk5WnE3WHctcHJveHk=";

/// The canary as it may turn up.
fn forms() -> Result<Vec<String>> {
    let bytes = |each: &dyn Fn(u8) -> String| CANARY.bytes().map(each).collect::<Vec<_>>().concat();
    let hex = bytes(&|byte| format!("{byte:02x}"));
    let percent = bytes(&|byte| format!("%{byte:02X}"));
    let mut forms = vec![CANARY.to_owned(), hex.to_uppercase(), hex, percent];
    // base64 depends on where in the text it stands
    for before in 0..3 {
        let bytes = [vec![0; before], CANARY.as_bytes().to_vec()].concat();
        let whole = serde_json::to_value(k8s_openapi::ByteString(bytes.clone()))?;
        let whole = whole.as_str().unwrap_or_default().trim_end_matches('=').to_owned();
        let (from, to) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        forms.push(whole[from..to].to_owned());
    }
    Ok(forms)
}

/// Everything that may hold the canary is searched for it.
fn ensure_untold(what: &str, text: &str, forms: &[String]) -> Result<()> {
    for form in forms {
        if let Some(at) = text.find(form.as_str()) {
            let start = text.floor_char_boundary(at.saturating_sub(120));
            let end = text.floor_char_boundary(at + 80);
            color_eyre::eyre::bail!("{what} tells a secret: ...{}...", &text[start..end]);
        }
    }
    Ok(())
}

/// All files below `folder`, links not followed.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(files(&entry.path())?);
        }
        found.push(entry.path());
    }
    Ok(found)
}

pub(crate) fn are_told_nowhere(cluster: &Cluster) -> Result<()> {
    let forms = forms()?;
    let mut site = Site::new(cluster, "secrets", Role::Driver)?;
    let api = Workload { replicas: 4, ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    let authority = Authority::new(&site.home().join("authority"))?;
    let files = certificates::server(&authority, "front", &["127.0.0.1"], certificates::GOOD)?;
    let upstream = cluster.address()?;
    let upstream = (upstream.as_str(), site.user.as_str());
    let front = Front::start(cluster.handle(), Ipv4Addr::LOCALHOST.into(), &files, None, upstream)?;
    let token = format!("{CANARY}-token");
    front.set(Gate::token(&token));
    let speech = Speech::Connect { authorization: Some(PROXY_LOGIN) };
    let proxy = Forward::start(cluster.handle(), speech, &front.address().to_string())?;
    let plugin = site.file("login", &plugin(&token))?;
    fs::set_permissions(&plugin, fs::Permissions::from_mode(0o755))?;
    let entry = json!({
        "server": format!("https://{}", front.address()),
        "certificate-authority": authority.certificate(),
        "proxy-url": format!("http://proxy-user:{CANARY}-proxy@{}", proxy.address()),
    });
    let exec = json!({
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": plugin,
        "args": [format!("--word={CANARY}-argument")],
        "env": [{ "name": "LOGIN_WORD", "value": format!("{CANARY}-environment") }],
        "interactiveMode": "IfAvailable",
    });
    site.connect_by(&entry, &json!({ "exec": exec }))?;
    let metrics = format!("http://metrics:{CANARY}-metrics@127.0.0.1:1/");
    site.set_variables(&[("GONOGO_LOG", "trace"), ("GONOGO_PROMETHEUS", &metrics)]);

    let console = site.console(Size { rows: 50, columns: 200 }, &[])?;
    console.wait_text("nothing moves")?;
    site.set_image(&api, "1.1.0-never")?;
    console.wait_way_back("1.0.0")?;
    console.take_control()?;
    let mut seen = String::new();
    let look = |seen: &mut String, key: &str| -> Result<()> {
        console.press_alone(key)?;
        thread::sleep(Duration::from_millis(500));
        seen.push_str(&console.frame().to_string());
        Ok(())
    };
    for key in ["2", "3", "4", "7", "0", "i", "Esc", "1", "B", "r", "Esc", "H"] {
        look(&mut seen, key)?;
    }
    // the token is refused, and the plugin fails with its mouth full
    site.file("login.fails", "")?;
    front.set(Gate::token("another"));
    console.wait_within(PATIENCE * 2, "the refusal is said", |frame| frame.shows("run it by hand"))?;
    for key in ["0", "1", "i", "Esc"] {
        look(&mut seen, key)?;
    }
    drop(proxy);
    look(&mut seen, "0")?;
    ensure_untold("the screen", &seen, &forms)?;
    for verb in
        [["status"].as_slice(), &["info"], &["info", "-o", "json"], &["session", "show", "-o", "json"]]
    {
        let said = site.run(verb)?;
        ensure_untold(&format!("{verb:?}"), &format!("{}{}", said.stdout, said.stderr), &forms)?;
    }
    let mut searched = 0;
    for path in self::files(&site.home().join("state"))?.iter().filter(|path| path.is_file()) {
        let bytes = fs::read(path)?;
        searched += bytes.len();
        ensure_untold(&path.display().to_string(), &String::from_utf8_lossy(&bytes), &forms)?;
    }
    let log = self::files(&site.home().join("state"))?
        .into_iter()
        .filter(|p| p.to_string_lossy().contains("/log/"));
    let traces: usize =
        log.map(|p| fs::read_to_string(p).map_or(0, |t| t.matches("\"TRACE\"").count())).sum();
    println!("{searched} bytes searched, {traces} of them lines at TRACE");
    ensure!(traces > 0, "the log was not at its fullest");
    Ok(())
}

/// A plugin that tells more than it should, and looks at what other processes can see.
fn plugin(token: &str) -> String {
    let answer = format!(
        "{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{{\"token\":\"{token}\"}}}}"
    );
    format!(
        "#!/bin/sh\necho \"{token} $LOGIN_WORD\" >&2\necho '{answer}'\nif [ -e \"$0.fails\" ]; then echo \"{token}\"; exit 3; fi\n"
    )
}

pub(crate) fn files_are_for_one_user(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "modes", Role::Driver)?;
    let api = Workload { replicas: 4, ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    let console = site.console_after(Size::SMALL, "umask 0; exec")?;
    console.wait_text("nothing moves")?;
    site.set_image(&api, "1.1.0-never")?;
    console.wait_way_back("1.0.0")?;
    console.press_alone("H")?;
    console.wait_text("PROVEN: Hold api")?;
    let state = site.home().join("state/gonogo");
    let all = files(&state)?;
    ensure!(all.iter().any(|path| path.ends_with("journal.jsonl")), "no journal in {all:?}");
    for path in all.iter().chain([&state]) {
        let found = fs::symlink_metadata(path)?;
        let wanted = if found.is_dir() { 0o700 } else { 0o600 };
        ensure!(found.mode() & 0o7777 == wanted, "{} has {:o}", path.display(), found.mode() & 0o7777);
    }
    Ok(())
}

pub(crate) fn links_are_not_followed(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "links", Role::Driver)?;
    let api = Workload { replicas: 4, ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    // to learn the names
    let said = site.run(&["restart", "api", "--yes", "--arm", SHORT_NAME])?;
    ensure!(said.code == Some(0), "{said:#?}");
    let (state, elsewhere) = (site.home().join("state/gonogo"), site.home().join("elsewhere"));
    let names: Vec<PathBuf> = fs::read_dir(&state)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    ensure!(names.len() >= 2, "a log and a cluster: {names:?}");
    for path in names {
        fs::remove_dir_all(&path)?;
        fs::create_dir_all(&elsewhere)?;
        symlink(&elsewhere, &path)?;
        let said = site.run(&["restart", "api", "--yes", "--arm", SHORT_NAME])?;
        let there = files(&elsewhere)?;
        ensure!(there.is_empty(), "{there:?} through {}: {said:#?}", path.display());
        fs::remove_file(&path)?;
    }
    // a file of the log's name that leads to somebody's file
    if state.join("log").exists() {
        fs::remove_dir_all(state.join("log"))?;
    }
    fs::create_dir_all(state.join("log"))?;
    fs::write(elsewhere.join("theirs"), "theirs")?;
    symlink(elsewhere.join("theirs"), state.join("log/gonogo.2030-01-01.log"))?;
    site.run(&["status"])?;
    ensure!(fs::read_to_string(elsewhere.join("theirs"))? == "theirs", "somebody's file was written");
    ensure!(fs::read_dir(state.join("log"))?.count() == 1, "the log was written beside a link");
    Ok(())
}
