//! Query strings.

use std::fmt::Write as _;

/// `path?key=value&...`, encoded.
pub(in crate::cluster) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut whole = path.to_owned();
    for (index, (key, value)) in pairs.iter().enumerate() {
        whole.push(if index == 0 { '?' } else { '&' });
        encode(&mut whole, key);
        whole.push('=');
        encode(&mut whole, value);
    }
    whole
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // writing to a String cannot fail
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_encoded() {
        let query = with_query("/p", &[("labelSelector", "a in (b,c)"), ("limit", "500")]);
        assert_eq!(query, "/p?labelSelector=a%20in%20%28b%2Cc%29&limit=500");
    }
}
