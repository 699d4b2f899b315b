//! Regular expressions as label matchers use them: anchored at both ends, matched by backtracking.

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
        self.run(&letters, 0, &mut |end| end == letters.len())
    }

    fn run(&self, letters: &[char], at: usize, then: &mut dyn FnMut(usize) -> bool) -> bool {
        self.branches.iter().any(|branch| sequence(branch, letters, at, then))
    }
}

fn sequence(pieces: &[Piece], letters: &[char], at: usize, then: &mut dyn FnMut(usize) -> bool) -> bool {
    match pieces.split_first() {
        None => then(at),
        Some((piece, rest)) => {
            repeat(piece, 0, letters, at, &mut |end| sequence(rest, letters, end, &mut *then))
        }
    }
}

/// Matches `piece` as often as it may, fewer times where that fails.
fn repeat(
    piece: &Piece,
    done: usize,
    letters: &[char],
    at: usize,
    then: &mut dyn FnMut(usize) -> bool,
) -> bool {
    let again = done < piece.most
        && one(&piece.atom, letters, at, &mut |end| {
            // An empty repetition would repeat for ever.
            end > at && repeat(piece, done + 1, letters, end, &mut *then)
        });
    again || (done >= piece.least && then(at))
}

fn one(atom: &Atom, letters: &[char], at: usize, then: &mut dyn FnMut(usize) -> bool) -> bool {
    let single = |fits: bool| fits.then_some(at + 1);
    let end = match (atom, letters.get(at)) {
        (Atom::Group(pattern), _) => return pattern.run(letters, at, then),
        (_, None) => None,
        (Atom::Any, Some(letter)) => single(*letter != '\n'),
        (Atom::Letter(wanted), Some(letter)) => single(wanted == letter),
        (Atom::Class { ranges, negated }, Some(letter)) => {
            let inside = ranges.iter().any(|(low, high)| (low..=high).contains(&letter));
            single(inside != *negated)
        }
    };
    end.is_some_and(then)
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
            _once => return Ok(Piece { atom, least: 1, most: 1 }),
        };
        self.at += 1;
        if self.peek() == Some('?') {
            self.at += 1; // lazy: the same texts match
        }
        Ok(Piece { atom, least, most })
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

fn escaped(letter: char) -> Atom {
    let class = |ranges: &[(char, char)], negated| Atom::Class { ranges: ranges.to_vec(), negated };
    const WORD: [(char, char); 4] = [('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')];
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
            ("[45][0-9]{0}", "4", false),
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
