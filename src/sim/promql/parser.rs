//! From words to a tree.

use chrono::TimeDelta;

use super::lexer::{Token, tokens};
use super::pattern::Pattern;
use super::{
    Aggregate, Binary, Expression, Grouping, Matcher, Node, QueryError, Selector, aggregate, binary,
    functions,
};

/// Nesting allowed in a query.
const DEEPEST: usize = 64;

/// Reads a query.
pub(crate) fn parse(query: &str) -> Result<Expression, QueryError> {
    let mut parser = Parser { tokens: tokens(query)?, at: 0, selectors: Vec::new(), depth: 0 };
    let root = parser.expression(0)?;
    match parser.peek() {
        None => Ok(Expression { root, selectors: parser.selectors }),
        Some(token) => Err(unexpected(token)),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    selectors: Vec<Selector>,
    depth: usize,
}

fn unexpected(token: &Token) -> QueryError {
    QueryError::Parse(match token {
        Token::Name(name) => format!("unexpected identifier {name:?}"),
        Token::Number(number) => format!("unexpected number {number}"),
        Token::Text(text) => format!("unexpected string {text:?}"),
        Token::Duration(_) => "unexpected duration".to_owned(),
        Token::Sign(sign) => format!("unexpected {sign:?}"),
    })
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Result<Token, QueryError> {
        let token =
            self.peek().cloned().ok_or_else(|| QueryError::Parse("unexpected end of input".to_owned()))?;
        self.at += 1;
        Ok(token)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is_next = matches!(self.peek(), Some(Token::Sign(next)) if *next == sign);
        self.at += usize::from(is_next);
        is_next
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is_next = matches!(self.peek(), Some(Token::Name(next)) if next.eq_ignore_ascii_case(word));
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), QueryError> {
        if self.takes(sign) {
            Ok(())
        } else {
            Err(self.peek().map_or_else(|| QueryError::Parse(format!("expected {sign:?}")), unexpected))
        }
    }

    /// An expression whose operators bind at least as strongly as `weakest`.
    fn expression(&mut self, weakest: u8) -> Result<Node, QueryError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(QueryError::Parse("nested too deeply".to_owned()));
        }
        let mut left = self.unary()?;
        while let Some(operator) = self.operator(weakest) {
            self.at += 1;
            left = self.binary(left, operator)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operator(&self, weakest: u8) -> Option<binary::Operator> {
        let word = match self.peek()? {
            Token::Sign(sign) => (*sign).to_owned(),
            Token::Name(name) => name.to_ascii_lowercase(),
            Token::Number(_) | Token::Text(_) | Token::Duration(_) => return None,
        };
        binary::Operator::named(&word).filter(|operator| operator.binding() >= weakest)
    }

    fn binary(&mut self, left: Node, operator: binary::Operator) -> Result<Node, QueryError> {
        let as_bool = self.takes_word("bool");
        let mut matching = Grouping::Without(Vec::new());
        if self.takes_word("on") {
            matching = Grouping::By(self.names()?);
        } else if self.takes_word("ignoring") {
            matching = Grouping::Without(self.names()?);
        }
        let group_left = self.takes_word("group_left");
        if group_left && matches!(self.peek(), Some(Token::Sign("("))) {
            self.names()?;
        }
        let right = self.expression(operator.binding() + u8::from(!operator.binds_right()))?;
        Ok(Node::Binary(Box::new(Binary { operator, as_bool, matching, group_left, left, right })))
    }

    fn unary(&mut self) -> Result<Node, QueryError> {
        if self.takes("-") {
            let operand = self.expression(binary::Operator::Multiply.binding() + 1)?;
            return Ok(Node::Negative(Box::new(operand)));
        }
        self.takes("+");
        self.primary()
    }

    fn primary(&mut self) -> Result<Node, QueryError> {
        match self.next()? {
            Token::Number(number) => Ok(Node::Number(number)),
            Token::Text(text) => Ok(Node::Text(text)),
            Token::Sign("(") => {
                let inner = self.expression(0)?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Sign("{") => {
                self.at -= 1;
                self.selector(None)
            }
            Token::Name(name) => self.named(name),
            other => Err(unexpected(&other)),
        }
    }

    fn named(&mut self, name: String) -> Result<Node, QueryError> {
        match name.to_ascii_lowercase().as_str() {
            "inf" => return Ok(Node::Number(f64::INFINITY)),
            "nan" => return Ok(Node::Number(f64::NAN)),
            _word => {}
        }
        if let Some(operator) = aggregate::Operator::named(&name) {
            return self.aggregate(operator);
        }
        if !matches!(self.peek(), Some(Token::Sign("("))) {
            return self.selector(Some(name));
        }
        if !functions::is_known(&name) {
            return Err(QueryError::Parse(format!("unknown function with name {name:?}")));
        }
        let arguments = self.arguments()?;
        Ok(Node::Call { function: name, arguments })
    }

    fn arguments(&mut self) -> Result<Vec<Node>, QueryError> {
        self.expect("(")?;
        let mut arguments = Vec::new();
        while !self.takes(")") {
            arguments.push(self.expression(0)?);
            if !self.takes(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok(arguments)
    }

    fn aggregate(&mut self, operator: aggregate::Operator) -> Result<Node, QueryError> {
        let before = self.grouping()?;
        let mut arguments = self.arguments()?;
        let after = self.grouping()?;
        let grouping = before.or(after).unwrap_or(Grouping::By(Vec::new()));
        let of = arguments
            .pop()
            .ok_or_else(|| QueryError::Parse("an aggregation needs an argument".to_owned()))?;
        Ok(Node::Aggregate(Box::new(Aggregate { operator, grouping, parameter: arguments.pop(), of })))
    }

    fn grouping(&mut self) -> Result<Option<Grouping>, QueryError> {
        if self.takes_word("by") {
            return Ok(Some(Grouping::By(self.names()?)));
        }
        if self.takes_word("without") {
            return Ok(Some(Grouping::Without(self.names()?)));
        }
        Ok(None)
    }

    fn names(&mut self) -> Result<Vec<String>, QueryError> {
        self.expect("(")?;
        let mut names = Vec::new();
        while !self.takes(")") {
            match self.next()? {
                Token::Name(name) => names.push(name),
                other => return Err(unexpected(&other)),
            }
            if !self.takes(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok(names)
    }

    fn selector(&mut self, name: Option<String>) -> Result<Node, QueryError> {
        let mut matchers = Vec::new();
        if let Some(name) = name {
            matchers.push(Matcher {
                label: "__name__".to_owned(),
                accepts: Box::new(move |value| value == name),
            });
        }
        if self.takes("{") {
            while !self.takes("}") {
                matchers.push(self.matcher()?);
                if !self.takes(",") {
                    self.expect("}")?;
                    break;
                }
            }
        }
        let range = if self.takes("[") {
            let range = self.duration()?;
            self.expect("]")?;
            Some(range)
        } else {
            None
        };
        let offset = if self.takes_word("offset") { self.duration()? } else { TimeDelta::zero() };
        self.selectors.push(Selector { matchers, range, offset });
        Ok(Node::Selector(self.selectors.len() - 1))
    }

    fn duration(&mut self) -> Result<TimeDelta, QueryError> {
        match self.next()? {
            Token::Duration(duration) => Ok(duration),
            other => Err(unexpected(&other)),
        }
    }

    fn matcher(&mut self) -> Result<Matcher, QueryError> {
        let label = match self.next()? {
            Token::Name(label) | Token::Text(label) => label,
            other => return Err(unexpected(&other)),
        };
        let sign = self.next()?;
        let value = match self.next()? {
            Token::Text(value) => value,
            other => return Err(unexpected(&other)),
        };
        let accepts: Box<dyn Fn(&str) -> bool + Send> = match sign {
            Token::Sign("=") => Box::new(move |text| text == value),
            Token::Sign("!=") => Box::new(move |text| text != value),
            Token::Sign("=~") => {
                let pattern = Pattern::parse(&value).map_err(QueryError::Parse)?;
                Box::new(move |text| pattern.matches(text))
            }
            Token::Sign("!~") => {
                let pattern = Pattern::parse(&value).map_err(QueryError::Parse)?;
                Box::new(move |text| !pattern.matches(text))
            }
            other => return Err(unexpected(&other)),
        };
        Ok(Matcher { label, accepts })
    }
}
