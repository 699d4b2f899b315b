//! The ways to a server: names, certificates, proxies. Each is right, or refused in one sentence; none is made
//! weaker in silence, and nothing else is tried in its place.

use std::{
    fs,
    net::{Ipv4Addr, Ipv6Addr},
};

use color_eyre::eyre::{Result, ensure};
use serde_json::{Value, json};

use crate::{
    harness::{
        certificates,
        cluster::Cluster,
        forward::{Forward, Speech},
        front::Front,
        keys::SHORT_NAME,
        site::Site,
    },
    rig::{pki::Authority, users::Role},
    support::screen::Size,
};

/// A name that is in the server's certificate and that nobody resolves.
const NAME: &str = "api.cluster.example.com";
/// `proxy-user:canary-proxy-word`, as it goes over the wire.
const PROXY_LOGIN: &str = "Basic cHJveHktdXNlcjpjYW5hcnktcHJveHktd29yZA==";
/// Must be told nowhere.
const CANARY: &str = "canary-proxy-word";
const NO_CONNECTION: i32 = 5;

/// Servers and proxies of the matrix, all in front of one simulator.
struct Ground {
    authority: Authority,
    stranger: Authority,
    good: Front,
    six: Front,
    over: Front,
    misnamed: Front,
    connect: Forward,
    connect_login: Forward,
    socks: Forward,
    socks_login: Forward,
}

impl Ground {
    fn new(site: &Site<'_>) -> Result<Self> {
        let folder = site.home().join("authorities");
        let (authority, stranger) =
            (Authority::new(&folder.join("own"))?, Authority::new(&folder.join("other"))?);
        let names = [NAME, "localhost", "127.0.0.1", "::1"];
        let good = certificates::server(&authority, "good", &names, certificates::GOOD)?;
        let over = certificates::server(&authority, "over", &names, certificates::OVER)?;
        let misnamed = certificates::server(&authority, "misnamed", &[NAME], certificates::GOOD)?;
        let runtime = site.cluster.handle();
        let upstream = site.cluster.address()?;
        let four = |files| {
            Front::start(runtime, Ipv4Addr::LOCALHOST.into(), files, None, (&upstream, site.user.as_str()))
        };
        let six = Front::start(runtime, Ipv6Addr::LOCALHOST.into(), &good, None, (&upstream, &site.user))?;
        let good = four(&good)?;
        let leads_to = good.address().to_string();
        let proxy = |speech| Forward::start(runtime, speech, &leads_to);
        Ok(Self {
            over: four(&over)?,
            misnamed: four(&misnamed)?,
            connect: proxy(Speech::Connect { authorization: None })?,
            connect_login: proxy(Speech::Connect { authorization: Some(PROXY_LOGIN) })?,
            socks: proxy(Speech::Socks { login: None })?,
            socks_login: proxy(Speech::Socks { login: Some(("proxy-user", CANARY)) })?,
            authority,
            stranger,
            good,
            six,
        })
    }

    /// A cluster entry that is right, for a server at `host:port`.
    fn cluster(&self, server: &str) -> Value {
        json!({ "server": format!("https://{server}"), "certificate-authority": self.authority.certificate() })
    }
}

/// What becomes of a way.
enum End<'a> {
    /// Connected; this proxy, if any, was asked for the server.
    Passes(Option<&'a Forward>),
    /// Refused, in these words.
    Refused(&'static str),
}

/// One way to a server.
struct Way<'a> {
    what: &'static str,
    cluster: Value,
    variables: Vec<(&'static str, String)>,
    flags: &'static [&'static str],
    end: End<'a>,
}

impl<'a> Way<'a> {
    fn new(what: &'static str, cluster: Value, end: End<'a>) -> Self {
        Self { what, cluster, variables: Vec::new(), flags: &[], end }
    }

    fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.cluster[key] = value.into();
        self
    }

    fn set(mut self, name: &'static str, value: String) -> Self {
        self.variables.push((name, value));
        self
    }

    fn try_it(&self, site: &mut Site<'_>) -> Result<()> {
        site.connect_by(&self.cluster, &json!({ "token": "anybody" }))?;
        let variables: Vec<(&str, &str)> = self.variables.iter().map(|(n, v)| (*n, v.as_str())).collect();
        site.set_variables(&variables);
        let before = if let End::Passes(Some(proxy)) = self.end { proxy.asked().len() } else { 0 };
        let said = site.run(&[["status"].as_slice(), self.flags].concat())?;
        let told = format!("{}: {said:#?}", self.what);
        ensure!(!told.contains(CANARY), "the proxy's password is told: {told}");
        match self.end {
            End::Passes(proxy) => {
                ensure!(said.code == Some(0), "should pass: {told}");
                let asked = proxy.map(|proxy| proxy.asked().split_off(before));
                ensure!(asked.is_none_or(|asked| !asked.is_empty()), "past the proxy: {told}");
            }
            End::Refused(words) => {
                ensure!(said.code == Some(NO_CONNECTION) && said.stderr.contains(words), "{words:?}: {told}");
                ensure!(said.stderr.trim().lines().count() == 1, "one sentence: {told}");
            }
        }
        Ok(())
    }
}

pub(crate) fn each_way_is_right_or_refused(cluster: &Cluster) -> Result<()> {
    let mut site = Site::new(cluster, "connection", Role::Driver)?;
    let ground = Ground::new(&site)?;
    let ways = [certificate_ways(&ground)?, proxy_ways(&ground), environment_ways(&ground)].concat_all();
    println!("{} ways to a server", ways.len());
    let wrong: Vec<String> =
        ways.iter().filter_map(|way| way.try_it(&mut site).err()).map(|error| format!("{error:#}")).collect();
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    let stray = ground.connect.asked().into_iter().chain(ground.socks.asked());
    for asked in stray {
        ensure!(asked.starts_with(NAME), "resolved here, not by the proxy: {asked}");
    }
    Ok(())
}

trait ConcatAll<T> {
    fn concat_all(self) -> Vec<T>;
}

impl<T, const N: usize> ConcatAll<T> for [Vec<T>; N] {
    fn concat_all(self) -> Vec<T> {
        self.into_iter().flatten().collect()
    }
}

fn certificate_ways(ground: &Ground) -> Result<Vec<Way<'_>>> {
    use End::{Passes, Refused};
    let port = ground.good.address().port();
    let good = format!("127.0.0.1:{port}");
    let entry = |server: &str| ground.cluster(server);
    let bare = json!({ "server": format!("https://{good}") });
    let data = fs::read(ground.authority.certificate())?;
    let data = serde_json::to_value(k8s_openapi::ByteString(data))?;
    let over = ground.over.address().to_string();
    let misnamed = ground.misnamed.address().to_string();
    Ok(vec![
        Way::new("right", entry(&good), Passes(None)),
        Way::new("by a name", entry(&format!("localhost:{port}")), Passes(None)),
        Way::new("IPv6", entry(&ground.six.address().to_string()), Passes(None)),
        Way::new("CA as data", bare.clone(), Passes(None)).with("certificate-authority-data", data),
        Way::new("another CA", entry(&good), Refused("not trusted"))
            .with("certificate-authority", ground.stranger.certificate().display().to_string()),
        Way::new("no CA: the system's", bare.clone(), Refused("not trusted")),
        Way::new("over", entry(&over), Refused("expired")),
        Way::new("another name", entry(&misnamed), Refused("tls-server-name")),
        Way::new("its name told", entry(&misnamed), Passes(None)).with("tls-server-name", NAME),
        Way::new("a wrong name told", entry(&good), Refused("not trusted"))
            .with("tls-server-name", "elsewhere.example.com"),
        Way::new("unchecked", bare.clone(), Refused("--insecure-skip-tls-verify"))
            .with("insecure-skip-tls-verify", true),
        Way { flags: &["--insecure-skip-tls-verify"], ..Way::new("unchecked, allowed", bare, Passes(None)) }
            .with("insecure-skip-tls-verify", true),
        Way {
            flags: &["--insecure-skip-tls-verify"],
            ..Way::new("over, flag alone", entry(&over), Refused("expired"))
        },
    ])
}

fn proxy_ways(ground: &Ground) -> Vec<Way<'_>> {
    use End::{Passes, Refused};
    let entry = || ground.cluster(&format!("{NAME}:6443"));
    let url = |scheme: &str, login: &str, proxy: &Forward| format!("{scheme}://{login}{}", proxy.address());
    let login = format!("proxy-user:{CANARY}@");
    let wrong = format!("proxy-user:{CANARY}-not@");
    let through = |what, url: String, end| Way::new(what, entry(), end).with("proxy-url", url);
    vec![
        Way::new("no proxy", entry(), Refused("cannot be reached")),
        through("CONNECT", url("http", "", &ground.connect), Passes(Some(&ground.connect))),
        through(
            "CONNECT, login",
            url("http", &login, &ground.connect_login),
            Passes(Some(&ground.connect_login)),
        ),
        through("CONNECT, wrong login", url("http", &wrong, &ground.connect_login), Refused("the proxy")),
        through("CONNECT, no login", url("http", "", &ground.connect_login), Refused("the proxy")),
        through("SOCKS5", url("socks5", "", &ground.socks), Passes(Some(&ground.socks))),
        through("SOCKS5h", url("socks5h", "", &ground.socks), Passes(Some(&ground.socks))),
        through(
            "SOCKS5, login",
            url("socks5", &login, &ground.socks_login),
            Refused("SOCKS proxy with a login"),
        ),
        through("SOCKS5, no login", url("socks5", "", &ground.socks_login), Refused("the proxy")),
        through("another speech", "ftp://127.0.0.1:1".to_owned(), Refused("proxy-url")),
        through(
            "nobody there",
            format!("http://{login}127.0.0.1:1"),
            Refused("through the proxy 127.0.0.1:1"),
        ),
        through("CONNECT, another CA", url("http", "", &ground.connect), Refused("not trusted"))
            .with("certificate-authority", ground.stranger.certificate().display().to_string()),
    ]
}

fn environment_ways(ground: &Ground) -> Vec<Way<'_>> {
    use End::{Passes, Refused};
    let entry = || ground.cluster(&format!("{NAME}:6443"));
    let url = format!("http://{}", ground.connect.address());
    let local = ground.cluster(&ground.good.address().to_string());
    let nowhere = || "http://127.0.0.1:1".to_owned();
    let name = || "cluster.example.com".to_owned();
    vec![
        Way::new("HTTPS_PROXY", entry(), Passes(Some(&ground.connect))).set("HTTPS_PROXY", url.clone()),
        Way::new("https_proxy", entry(), Passes(Some(&ground.connect))).set("https_proxy", url.clone()),
        Way::new("HTTP_PROXY is not for https", entry(), Refused("cannot be reached"))
            .set("HTTP_PROXY", url.clone()),
        Way::new("NO_PROXY", entry(), Refused("cannot be reached"))
            .set("HTTPS_PROXY", url.clone())
            .set("NO_PROXY", name()),
        Way::new("NO_PROXY for another", entry(), Passes(Some(&ground.connect)))
            .set("HTTPS_PROXY", url.clone())
            .set("NO_PROXY", "elsewhere.example.com".to_owned()),
        Way::new("proxy-url before both", entry(), Passes(Some(&ground.connect)))
            .with("proxy-url", url)
            .set("HTTPS_PROXY", nowhere())
            .set("NO_PROXY", name()),
        Way::new("this machine needs none", local, Passes(None)).set("HTTPS_PROXY", nowhere()),
    ]
}

pub(crate) fn an_unchecked_server_is_said_for_good(cluster: &Cluster) -> Result<()> {
    let mut site = Site::new(cluster, "unchecked", Role::Driver)?;
    let ground = Ground::new(&site)?;
    let server = format!("https://{}", ground.over.address());
    site.connect_by(
        &json!({ "server": server, "insecure-skip-tls-verify": true }),
        &json!({ "token": "t" }),
    )?;
    let mut refused = site.console(Size::SMALL, &[])?;
    let code = refused.exit_code(crate::support::terminal::PATIENCE)?;
    ensure!(code == Some(NO_CONNECTION), "{code:?}\n{}", refused.frame());
    for size in [Size::SMALL, Size::WIDE, Size { rows: 12, columns: 40 }] {
        let console = site.console(size, &["--insecure-skip-tls-verify"])?;
        console.wait_text("0-7 screens").or_else(|_| console.wait_text("STOP"))?;
        for screen in ["1", "2", "3", "4", "7", "0"] {
            console.press(screen)?;
            console.wait_text("INSECURE")?;
        }
    }
    Ok(())
}

pub(crate) fn a_proxy_is_the_only_way(cluster: &Cluster) -> Result<()> {
    let mut site = Site::new(cluster, "by-proxy", Role::Driver)?;
    let api = crate::harness::workload::Workload::new("api", "1.0.0");
    site.deploy(&api)?;
    let proxies = [Speech::Connect { authorization: Some(PROXY_LOGIN) }, Speech::Socks { login: None }]
        .map(|speech| Forward::start(cluster.handle(), speech, &cluster.address()?));
    for (proxy, scheme) in proxies.into_iter().zip(["http", "socks5"]) {
        let proxy = proxy?;
        let login = if scheme == "http" { format!("proxy-user:{CANARY}@") } else { String::new() };
        site.go_by("https://localhost:1", &format!("{scheme}://{login}{}", proxy.address()))?;
        let console = site.console(Size::WIDE, &[])?;
        let frame = console.wait_text("nothing moves")?;
        ensure!(!frame.shows(CANARY), "{frame}");
        console.press("i")?;
        let frame = console.wait_text(&proxy.address().to_string())?;
        ensure!(!frame.shows(CANARY), "the password is on the screen\n{frame}");
        if scheme == "socks5" {
            let said = site.run(&["restart", "api", "--yes", "--arm", SHORT_NAME])?;
            ensure!(said.code == Some(0), "{said:#?}");
        }
        let asked = proxy.asked();
        ensure!(!asked.is_empty() && asked.iter().all(|asked| asked == "localhost:1"), "{asked:?}");
    }
    site.ensure_sent(&["patch deployments/api"])
}
