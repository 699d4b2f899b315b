//! Regular expressions as label matchers use them: anchored at both ends, matched
//! over sets of positions, so that no pattern takes exponential time.

use std::collections::BTreeSet;

type Positions = BTreeSet<usize>;

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    branches: Vec<Vec<Piece>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    atom: Atom,
    least: usize,
    most: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Atom {
    Any,
    Letter(char),
    Class { ranges: Vec<(char, char)>, negated: bool },
    Group(Pattern),
}

impl Pattern {
    /// Compiles `text`; the error says what is not understood.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let letters: Vec<char> = text.chars().collect();
        let mut parser = Parser { letters: &letters, at: 0 };
        let pattern = parser.alternatives()?;
        if parser.at < letters.len() {
            Err(format!("unexpected ) in regular expression {text:?}"))
        } else {
            Ok(pattern)
        }
    }

    /// Whether the pattern matches all of `text`.
    pub(super) fn matches(&self, text: &str) -> bool {
        let letters: Vec<char> = text.chars().collect();
        self.ends(&letters, &Positions::from([0])).contains(&letters.len())
    }

    /// Where matches that begin at one of `starts` can end.
    fn ends(&self, letters: &[char], starts: &Positions) -> Positions {
        self.branches
            .iter()
            .flat_map(|branch| {
                branch.iter().fold(starts.clone(), |starts, piece| piece.ends(letters, &starts))
            })
            .collect()
    }
}

impl Piece {
    fn ends(&self, letters: &[char], starts: &Positions) -> Positions {
        let mut frontier = starts.clone();
        for _ in 0..self.least {
            frontier = self.atom.ends(letters, &frontier);
        }
        let mut reached = frontier.clone();
        for _ in self.least..self.most {
            let next = self.atom.ends(letters, &frontier);
            frontier = next.difference(&reached).copied().collect();
            if frontier.is_empty() {
                break;
            }
            reached.extend(&frontier);
        }
        reached
    }
}

impl Atom {
    fn ends(&self, letters: &[char], starts: &Positions) -> Positions {
        if let Self::Group(pattern) = self {
            return pattern.ends(letters, starts);
        }
        starts
            .iter()
            .filter(|at| letters.get(**at).is_some_and(|letter| self.takes(*letter)))
            .map(|at| at + 1)
            .collect()
    }

    fn takes(&self, letter: char) -> bool {
        match self {
            Self::Any => letter != '\n',
            Self::Letter(wanted) => *wanted == letter,
            Self::Class { ranges, negated } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&letter)) != *negated
            }
            Self::Group(_) => false,
        }
    }
}

struct Parser<'a> {
    letters: &'a [char],
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += 1;
        Some(letter)
    }

    fn alternatives(&mut self) -> Result<Pattern, String> {
        let mut branches = vec![Vec::new()];
        while let Some(letter) = self.peek().filter(|letter| *letter != ')') {
            if letter == '|' {
                self.at += 1;
                branches.push(Vec::new());
                continue;
            }
            let piece = self.piece()?;
            if let Some(branch) = branches.last_mut() {
                branch.push(piece);
            }
        }
        Ok(Pattern { branches })
    }

    fn piece(&mut self) -> Result<Piece, String> {
        let atom = self.atom()?;
        let (least, most) = match self.peek() {
            Some('*') => (0, usize::MAX),
            Some('+') => (1, usize::MAX),
            Some('?') => (0, 1),
            Some('{') => self.bounds()?,
            _once => return Ok(Piece { atom, least: 1, most: 1 }),
        };
        self.at += 1;
        if self.peek() == Some('?') {
            self.at += 1; // lazy: the same texts match
        }
        Ok(Piece { atom, least, most })
    }

    /// `{2}`, `{2,}`, `{2,5}`; the last letter is left to the caller.
    fn bounds(&mut self) -> Result<(usize, usize), String> {
        let wrong = || "invalid repeat count in regular expression".to_owned();
        let length = self.letters[self.at..].iter().position(|letter| *letter == '}').ok_or_else(wrong)?;
        let text: String = self.letters[self.at + 1..self.at + length].iter().collect();
        self.at += length;
        let number = |text: &str| text.parse::<usize>().map_err(|_| wrong());
        match text.split_once(',') {
            None => number(&text).map(|count| (count, count)),
            Some((least, "")) => Ok((number(least)?, usize::MAX)),
            Some((least, most)) => Ok((number(least)?, number(most)?)),
        }
    }

    fn atom(&mut self) -> Result<Atom, String> {
        match self.next() {
            Some('.') => Ok(Atom::Any),
            Some('(') => self.group(),
            Some('[') => self.class(),
            Some('\\') => {
                self.next().map(escaped).ok_or_else(|| "trailing backslash in regular expression".to_owned())
            }
            // Both ends are anchored anyway.
            Some('^' | '$') => Ok(Atom::Group(Pattern { branches: vec![Vec::new()] })),
            Some(letter @ ('*' | '+' | '?')) => {
                Err(format!("missing argument to repetition operator {letter}"))
            }
            Some(letter) => Ok(Atom::Letter(letter)),
            None => Err("unexpected end of regular expression".to_owned()),
        }
    }

    fn group(&mut self) -> Result<Atom, String> {
        if self.letters[self.at..].starts_with(&['?', ':']) {
            self.at += 2;
        }
        let inner = self.alternatives()?;
        match self.next() {
            Some(')') => Ok(Atom::Group(inner)),
            _open => Err("missing closing ) in regular expression".to_owned()),
        }
    }

    fn class(&mut self) -> Result<Atom, String> {
        let negated = self.peek() == Some('^');
        if negated {
            self.at += 1;
        }
        let mut ranges = Vec::new();
        loop {
            let low = match self.next() {
                None => return Err("missing closing ] in regular expression".to_owned()),
                Some(']') if !ranges.is_empty() => return Ok(Atom::Class { ranges, negated }),
                Some('\\') => match self.next().map(escaped) {
                    Some(Atom::Class { ranges: inner, .. }) => {
                        ranges.extend(inner);
                        continue;
                    }
                    Some(Atom::Letter(letter)) => letter,
                    Some(Atom::Any | Atom::Group(_)) | None => {
                        return Err("bad escape in regular expression".to_owned());
                    }
                },
                Some(letter) => letter,
            };
            let is_range =
                self.peek() == Some('-') && self.letters.get(self.at + 1).is_some_and(|next| *next != ']');
            let high = if is_range {
                self.at += 1;
                self.next().unwrap_or(low)
            } else {
                low
            };
            ranges.push((low, high));
        }
    }
}

/// What `\\w` stands for.
const WORD: [(char, char); 4] = [('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')];

fn escaped(letter: char) -> Atom {
    let class = |ranges: &[(char, char)], negated| Atom::Class { ranges: ranges.to_vec(), negated };
    match letter {
        'd' => class(&[('0', '9')], false),
        'D' => class(&[('0', '9')], true),
        'w' => class(&WORD, false),
        'W' => class(&WORD, true),
        's' => class(&[(' ', ' '), ('\t', '\r')], false),
        'S' => class(&[(' ', ' '), ('\t', '\r')], true),
        'n' => Atom::Letter('\n'),
        't' => Atom::Letter('\t'),
        other => Atom::Letter(other),
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text, expected) in [
            ("5..", "503", true),
            ("5..", "50", false),
            ("[45][0-9]{2}", "404", true),
            ("[45][0-9]{2}", "4044", false),
            ("^api-[a-z0-9]{5}$|^web-[a-z0-9]{5}$", "web-x2k1p", true),
            ("a{2,}b{1,2}", "aaabbb", false),
            ("4..|5..", "404", true),
            ("api-7f9c-.*", "api-7f9c-x2k1p", true),
            ("(?:api|web)-[a-z0-9]+", "web-abc12", true),
            ("api|web", "apiweb", false),
            (".+", "", false),
            (".*", "", true),
            (r"a\.b", "axb", false),
            ("[^5].*", "200", true),
            (r"\d+", "200", true),
            ("(a*)*b", "aaaaaaaaaaaaaaac", false),
        ] {
            assert_eq!(
                Pattern::parse(pattern).is_ok_and(|found| found.matches(text)),
                expected,
                "{pattern} {text}"
            );
        }
        assert!(Pattern::parse("(a").is_err());
        assert!(Pattern::parse("*a").is_err());
    }
}
