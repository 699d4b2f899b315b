//! Certificates that are good, of the wrong name, over, or soon to be.

use std::{
    ops::Range,
    time::{Duration, UNIX_EPOCH},
};

use color_eyre::eyre::Result;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose};

use crate::rig::pki::{Authority, KeyFiles};

/// Yesterday until in a year, in seconds from now.
pub(crate) const GOOD: Range<i64> = -86_400..31_536_000;
/// Until an hour ago.
pub(crate) const OVER: Range<i64> = -86_400..-3600;

/// A serving certificate for these names and addresses; `valid` is in seconds from now.
pub(crate) fn server(
    authority: &Authority,
    file: &str,
    names: &[&str],
    valid: Range<i64>,
) -> Result<KeyFiles> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, file);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    limit(&mut params, &valid);
    authority.issue(file, &params)
}

/// A client certificate that ends; `valid` is in seconds from now.
pub(crate) fn user(authority: &Authority, user: &str, group: &str, valid: Range<i64>) -> Result<KeyFiles> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, user);
    params.distinguished_name.push(DnType::OrganizationName, group);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    limit(&mut params, &valid);
    authority.issue(user, &params)
}

fn limit(params: &mut CertificateParams, valid: &Range<i64>) {
    let now = i64::try_from(UNIX_EPOCH.elapsed().unwrap_or_default().as_secs()).unwrap_or_default();
    let moment = |seconds: i64| {
        let since = u64::try_from(now + seconds).unwrap_or_default();
        rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(since)
    };
    params.not_before = moment(valid.start);
    params.not_after = moment(valid.end);
}
