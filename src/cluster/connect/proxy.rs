//! Which proxy a server is reached through. `NO_PROXY` is judged here, by the server's address; a `proxy-url` in the
//! kubeconfig is explicit and wins over the environment.

use std::net::IpAddr;

use http::Uri;

use crate::model::Text;

/// Why a proxy cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum UnusableProxy {
    /// Its address is no URL of a scheme that is spoken here.
    Address,
    /// A login at a SOCKS proxy: the client never sends one, so the proxy would refuse without a reason.
    SocksLogin,
}

/// Host and port of a proxy, without its login.
pub(super) fn address(proxy: &Uri) -> Option<Text> {
    let host = proxy.host()?;
    Some(proxy.port().map_or_else(|| Text::from(host), |port| Text::from(format!("{host}:{port}"))))
}

/// The proxy for `server`, if there is one.
pub(super) fn choose(
    server: &Uri,
    of_kubeconfig: Option<&str>,
    of_environment: Option<&str>,
    no_proxy: Option<&str>,
) -> Result<Option<Uri>, UnusableProxy> {
    if let Some(proxy) = of_kubeconfig.map(str::trim).filter(|proxy| !proxy.is_empty()) {
        return parse(proxy).map(Some);
    }
    let environment = of_environment.map(str::trim).filter(|proxy| !proxy.is_empty());
    match environment {
        Some(proxy)
            if server.scheme_str() == Some("https") && !bypassed(server, no_proxy.unwrap_or_default()) =>
        {
            parse(proxy).map(Some)
        }
        Some(_) | None => Ok(None),
    }
}

fn parse(proxy: &str) -> Result<Uri, UnusableProxy> {
    let whole = match proxy.split_once("://") {
        // the connector resolves names at the proxy in both cases
        Some(("socks5h", rest)) => format!("socks5://{rest}"),
        Some(_) => proxy.to_owned(),
        None => format!("http://{proxy}"),
    };
    let uri: Uri = whole.parse().map_err(|_| UnusableProxy::Address)?;
    let login = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    match uri.scheme_str() {
        Some("socks5") if login => Err(UnusableProxy::SocksLogin),
        Some("http" | "https" | "socks5") if uri.host().is_some() => Ok(uri),
        Some(_) | None => Err(UnusableProxy::Address),
    }
}

fn bypassed(server: &Uri, no_proxy: &str) -> bool {
    let host =
        server.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let port = server.port_u16().unwrap_or(443);
    let address: Option<IpAddr> = host.parse().ok();
    // as Go does it: this machine is never reached through a proxy
    if host == "localhost" || address.is_some_and(|ip| ip.is_loopback()) {
        return true;
    }
    no_proxy.split(',').map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        let entry = entry.to_ascii_lowercase();
        entry == "*" || matches(&entry, &host, address, port)
    })
}

fn matches(entry: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if let Some((network, bits)) = entry.split_once('/') {
        return match (network.parse(), bits.parse(), address) {
            (Ok(network), Ok(bits), Some(ip)) => in_network(ip, network, bits),
            _ => false,
        };
    }
    let (name, wanted_port) = split_port(entry);
    if wanted_port.is_some_and(|wanted| wanted != port) {
        return false;
    }
    if let Ok(ip) = name.parse::<IpAddr>() {
        return address == Some(ip);
    }
    let suffix = name.strip_prefix("*.").or(name.strip_prefix('.'));
    match suffix {
        Some(suffix) => host.ends_with(&format!(".{suffix}")),
        None => host == name || host.ends_with(&format!(".{name}")),
    }
}

/// Splits `host:port`, `[v6]:port` and bare forms.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some(rest) = entry.strip_prefix('[') {
        let (name, tail) = rest.split_once(']').unwrap_or((rest, ""));
        return (name, tail.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match entry.split_once(':') {
        Some((name, port)) if !port.contains(':') => (name, port.parse().ok()),
        Some(_) | None => (entry, None),
    }
}

fn in_network(ip: IpAddr, network: IpAddr, bits: u32) -> bool {
    let (ip, network, width) = match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => {
            (u128::from(ip.to_bits()), u128::from(network.to_bits()), 32)
        }
        (IpAddr::V6(ip), IpAddr::V6(network)) => (ip.to_bits(), network.to_bits(), 128),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
    };
    bits <= width && (bits == 0 || ip >> (width - bits) == network >> (width - bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(server: &str, kubeconfig: Option<&str>, env: Option<&str>, no_proxy: &str) -> Option<String> {
        choose(&server.parse().unwrap(), kubeconfig, env, Some(no_proxy)).unwrap().map(|uri| uri.to_string())
    }

    #[test]
    fn no_proxy_is_judged_by_the_servers_address() {
        let env = Some("http://proxy.example.com:3128");
        for (server, no_proxy, direct) in [
            ("https://api.example.com:6443", "", false),
            ("https://api.example.com:6443", "example.com", true),
            ("https://api.example.com:6443", ".example.com", true),
            ("https://api.example.com:6443", "*.example.com", true),
            ("https://example.com", ".example.com", false),
            ("https://badexample.com", "example.com", false),
            ("https://api.example.com:6443", "api.example.com:6443", true),
            ("https://api.example.com:6443", "api.example.com:443", false),
            ("https://10.1.2.3:6443", "10.0.0.0/8", true),
            ("https://11.1.2.3:6443", "10.0.0.0/8, ,", false),
            ("https://10.1.2.3", "10.1.2.3", true),
            ("https://[fd00::1]:6443", "fd00::/8", true),
            ("https://[fd00::1]:6443", "[fd00::1]:6443", true),
            ("https://[fd00::1]:6443", "fe80::/10", false),
            ("https://api.example.com", "*", true),
            ("https://127.0.0.1:6443", "", true),
            ("https://[::1]:6443", "", true),
            ("https://localhost:6443", "", true),
        ] {
            assert_eq!(chosen(server, None, env, no_proxy).is_none(), direct, "{server} with {no_proxy:?}");
        }
    }

    #[test]
    fn the_kubeconfig_wins_and_bad_addresses_are_refused() {
        let own = chosen("https://127.0.0.1", Some("socks5h://p:1080"), Some("http://q"), "*");
        assert_eq!(own.as_deref(), Some("socks5://p:1080/"));
        assert_eq!(chosen("https://a", None, Some("proxy:3128"), "").as_deref(), Some("http://proxy:3128/"));
        assert_eq!(
            choose(&"https://a".parse().unwrap(), Some("ftp://p"), None, None),
            Err(UnusableProxy::Address)
        );
        let login = choose(&"https://a".parse().unwrap(), Some("socks5://me:word@p:1080"), None, None);
        assert_eq!(login, Err(UnusableProxy::SocksLogin));
        let shown = address(&"http://me:word@p.example.com:3128".parse().unwrap()).unwrap();
        assert_eq!(shown.as_str(), "p.example.com:3128");
    }
}
