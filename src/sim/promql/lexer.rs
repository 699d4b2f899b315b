//! The words of a query.

use chrono::TimeDelta;

use super::QueryError;

/// One word.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A metric, label, function or keyword.
    Name(String),
    Number(f64),
    Text(String),
    Duration(TimeDelta),
    /// `(`, `>=`, `=~` and so on.
    Sign(&'static str),
}

/// Longer signs before their beginnings.
const SIGNS: [&str; 22] = [
    "=~", "!~", "!=", "==", ">=", "<=", "(", ")", "{", "}", "[", "]", ",", "=", ">", "<", "+", "-", "*", "/",
    "%", "^",
];

/// Splits `query` into words.
pub(super) fn tokens(query: &str) -> Result<Vec<Token>, QueryError> {
    let mut tokens = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '"' | '\'' | '`' => text(rest, first)?,
            '0'..='9' | '.' => number_or_duration(rest)?,
            letter if is_name_start(letter) => {
                let length = rest.find(|letter| !is_name_part(letter)).unwrap_or(rest.len());
                (Token::Name(rest[..length].to_owned()), length)
            }
            other => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
                let sign =
                    sign.ok_or_else(|| QueryError::Parse(format!("unexpected character: {other:?}")))?;
                (Token::Sign(sign), sign.len())
            }
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// Reads a duration: `30s`, `1h30m`.
pub(crate) fn duration(text: &str) -> Result<TimeDelta, QueryError> {
    let wrong = || QueryError::Parse(format!("not a valid duration string: {text:?}"));
    let (mut total, mut rest) = (TimeDelta::zero(), text);
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(wrong)?;
        let count: i64 = rest[..digits].parse().map_err(|_| wrong())?;
        let unit_end = rest[digits..]
            .find(|letter: char| letter.is_ascii_digit())
            .map_or(rest.len(), |end| digits + end);
        let unit = match &rest[digits..unit_end] {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            _unknown => return Err(wrong()),
        };
        total += count.checked_mul(unit).and_then(TimeDelta::try_milliseconds).ok_or_else(wrong)?;
        rest = &rest[unit_end..];
    }
    Ok(total)
}

fn is_name_start(letter: char) -> bool {
    letter.is_ascii_alphabetic() || letter == '_' || letter == ':'
}

fn is_name_part(letter: char) -> bool {
    is_name_start(letter) || letter.is_ascii_digit()
}

fn text(rest: &str, quote: char) -> Result<(Token, usize), QueryError> {
    let (mut text, mut escaped) = (String::new(), false);
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => {
                text.push(match letter {
                    'n' => '\n',
                    't' => '\t',
                    other => other,
                });
                escaped = false;
            }
            '\\' if quote != '`' => escaped = true,
            letter if letter == quote => return Ok((Token::Text(text), at + quote.len_utf8())),
            letter => text.push(letter),
        }
    }
    Err(QueryError::Parse("unterminated quoted string".to_owned()))
}

fn number_or_duration(rest: &str) -> Result<(Token, usize), QueryError> {
    let length =
        rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '.').unwrap_or(rest.len());
    let mut word = &rest[..length];
    let is_exponent = word.ends_with(['e', 'E']) && rest[length..].starts_with(['+', '-']);
    if is_exponent {
        let tail = &rest[length + 1..];
        let digits = tail.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(tail.len());
        word = &rest[..length + 1 + digits];
    }
    let token = match word.parse() {
        Ok(number) => Token::Number(number),
        Err(_) => Token::Duration(duration(word)?),
    };
    Ok((token, word.len()))
}
