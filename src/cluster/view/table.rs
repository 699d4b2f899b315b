//! Pods in bulk: the server's own table, without the objects behind it.
//!
//! A bare table of ten thousand pods is a ninetieth of the objects' bytes. Its rows say neither labels nor owner, and
//! in a list of all namespaces not even the namespace: there the rows' metadata is asked for as well.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::parts::nullable;
use crate::cluster::watch::{Decoder, Feed, ListMeta, ListPage};
use crate::model::Text;
use crate::model::ids::Namespace;
use crate::model::observation::PodLine;
use crate::model::pod::Interner;

/// The media type of server-side tables.
const TABLE: &str = "application/json;as=Table;g=meta.k8s.io;v=v1";

/// Reads tables into rows.
#[derive(Default)]
pub(super) struct TableDecoder {
    columns: Columns,
    strings: Interner,
    namespace: Namespace,
}

impl TableDecoder {
    /// For one namespace, which the rows themselves do not name, or for all (an empty one).
    pub(super) fn new(namespace: Namespace) -> Self {
        Self { namespace, ..Self::default() }
    }
}

/// Where each column stands; later events do not repeat their heads.
#[derive(Clone, Copy, Default)]
struct Columns {
    name: Option<usize>,
    ready: Option<usize>,
    status: Option<usize>,
    restarts: Option<usize>,
    age: Option<usize>,
    node: Option<usize>,
}

impl Columns {
    fn of(heads: &[Head]) -> Self {
        let at = |name: &str| heads.iter().position(|head| head.name == name);
        Self {
            name: at("Name"),
            ready: at("Ready"),
            status: at("Status"),
            restarts: at("Restarts"),
            age: at("Age"),
            node: at("Node"),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireTable<'a> {
    #[serde(default)]
    metadata: ListMeta,
    #[serde(default, deserialize_with = "nullable")]
    column_definitions: Vec<Head>,
    #[serde(borrow)]
    rows: Option<Vec<Row<'a>>>,
}

#[derive(Deserialize)]
struct Head {
    name: String,
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    cells: Vec<&'a RawValue>,
    #[serde(default)]
    object: Option<RowObject>,
}

#[derive(Deserialize)]
struct RowObject {
    metadata: Option<RowMeta>,
}

#[derive(Deserialize)]
struct RowMeta {
    #[serde(default)]
    namespace: Namespace,
}

impl TableDecoder {
    fn read(&mut self, table: WireTable<'_>) -> (Vec<Arc<PodLine>>, ListMeta) {
        if !table.column_definitions.is_empty() {
            self.columns = Columns::of(&table.column_definitions);
        }
        let rows = table.rows.unwrap_or_default();
        (rows.into_iter().filter_map(|row| self.line(row).map(Arc::new)).collect(), table.metadata)
    }

    /// A row; bookmarks carry one without a name.
    fn line(&mut self, row: Row<'_>) -> Option<PodLine> {
        let columns = self.columns;
        let cell = |index: Option<usize>| -> Cow<'_, str> {
            index.and_then(|index| row.cells.get(index)).map(|raw| clean(raw.get())).unwrap_or_default()
        };
        let name = cell(columns.name);
        if name.is_empty() {
            return None;
        }
        let strings = &mut self.strings;
        let mut shared = |index| share(strings, &cell(index));
        let namespace = row.object.and_then(|object| object.metadata).map(|meta| meta.namespace);
        Some(PodLine {
            namespace: namespace.unwrap_or_else(|| self.namespace.clone()),
            name: name.as_ref().into(),
            ready: shared(columns.ready),
            status: shared(columns.status),
            restarts: shared(columns.restarts),
            age: shared(columns.age),
            node: shared(columns.node),
        })
    }
}

/// Many rows say the same. Long texts (`12 (3m4s ago)`) seldom recur and are not kept.
fn share(strings: &mut Interner, text: &str) -> Arc<str> {
    const RECURRING: usize = 40;
    let has_clock = text.contains(' ');
    if has_clock || text.len() > RECURRING { text.into() } else { strings.share(text) }
}

/// A cell is a string or a number. Nearly all are plain, and are not copied here.
fn clean(raw: &str) -> Cow<'_, str> {
    let quoted = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let bare = quoted.unwrap_or(raw);
    if bare.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'\\') {
        return Cow::Borrowed(bare);
    }
    let text = match quoted {
        Some(_) => serde_json::from_str::<String>(raw).map(|text| Text::clean(&text)).unwrap_or_default(),
        None => Text::clean(raw),
    };
    Cow::Owned(text.as_str().to_owned())
}

impl Decoder for TableDecoder {
    type Item = Arc<PodLine>;

    fn accept(&self) -> &'static str {
        TABLE
    }

    /// The first rows are drawn at once; the rest of a bare table is small enough to come in one piece. With the rows'
    /// metadata a row is some fifteen kilobytes.
    fn page_size(&self, first: bool) -> &'static str {
        match (self.namespace.is_empty(), first) {
            (false, false) => "20000",
            (false, true) | (true, _) => "500",
        }
    }

    fn page(&mut self, body: &[u8]) -> Result<ListPage<Arc<PodLine>>, serde_json::Error> {
        let (items, metadata) = self.read(serde_json::from_slice(body)?);
        Ok(ListPage { items, version: metadata.resource_version, next: metadata.next })
    }

    fn item(&mut self, object: &str) -> Result<Option<Arc<PodLine>>, serde_json::Error> {
        let (mut rows, _) = self.read(serde_json::from_str(object)?);
        Ok(rows.pop())
    }
}

/// The rows of one stream, in the server's order (by namespace and name).
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Arc<Vec<Arc<PodLine>>>,
    /// A list that is still coming in and will replace the rows.
    incoming: Vec<Arc<PodLine>>,
    /// Changes since the rows were last handed out, oldest first, and whether the row stays.
    pending: Vec<(Arc<PodLine>, bool)>,
    whole: bool,
}

impl Table {
    /// Takes news in; returns whether there is something to show.
    pub(super) fn take(&mut self, feed: Feed<Arc<PodLine>>) -> bool {
        match feed {
            Feed::Page { items, first, last } => {
                if first {
                    self.incoming.clear();
                }
                if !self.whole {
                    if first {
                        self.rows = Arc::default();
                    }
                    self.pending.clear();
                    Arc::make_mut(&mut self.rows).extend(items);
                    self.whole = last;
                    return true;
                }
                self.incoming.extend(items);
                if last {
                    self.pending.clear();
                    self.rows = Arc::new(std::mem::take(&mut self.incoming));
                }
                last
            }
            Feed::Put(row) => {
                self.pending.push((row, true));
                true
            }
            Feed::Gone(row) => {
                self.pending.push((row, false));
                true
            }
            Feed::State(_) | Feed::RoundTrip(_) => false,
        }
    }

    /// The rows with all changes in.
    pub(super) fn rows(&mut self) -> Arc<Vec<Arc<PodLine>>> {
        let pending = std::mem::take(&mut self.pending);
        if !pending.is_empty() {
            let rows = Arc::make_mut(&mut self.rows);
            for (row, stays) in pending {
                match (rows.binary_search_by(|known| order(known, &row)), stays) {
                    (Ok(at), true) => rows[at] = row,
                    (Err(at), true) => rows.insert(at, row),
                    (Ok(at), false) => {
                        rows.remove(at);
                    }
                    (Err(_), false) => {}
                }
            }
        }
        Arc::clone(&self.rows)
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }
}

/// The server's order is that of its keys, `namespace/name`.
fn order(a: &PodLine, b: &PodLine) -> Ordering {
    (a.namespace.as_str(), &*a.name).cmp(&(b.namespace.as_str(), &*b.name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    const PAGE: &str = r#"{"kind":"Table","metadata":{"resourceVersion":"9","continue":"more"},
        "columnDefinitions":[{"name":"Name"},{"name":"Ready"},{"name":"Status"},{"name":"Restarts"},{"name":"Age"},{"name":"IP"},{"name":"Node"}],
        "rows":[{"cells":["a-1","1/1","Running",0,"5m","10.0.0.1","n1"],"object":null},
                {"cells":["a-3","0/1","Crash\u001b[31mLoop","3 (2m ago)","5m","<none>","n1"],"object":null}]}"#;
    const EVENT: &str = r#"{"kind":"Table","metadata":{"resourceVersion":"10"},"columnDefinitions":null,
        "rows":[{"cells":["a-2","1/1","Running","0","1s","10.0.0.2","n1"],"object":null}]}"#;

    #[test]
    fn rows_are_read_by_their_heads_and_later_events_go_without() {
        let mut decoder = TableDecoder::new(Namespace::new("shop"));
        let page = decoder.page(PAGE.as_bytes()).unwrap();
        assert_eq!((page.version.0.as_str(), page.next.as_str()), ("9", "more"));
        assert_eq!((&*page.items[0].restarts, &*page.items[1].restarts), ("0", "3 (2m ago)"));
        assert_eq!(&*page.items[1].status, "CrashLoop");
        assert!(Arc::ptr_eq(&page.items[0].node, &page.items[1].node));
        let mut table = Table::default();
        table.take(Feed::Page { items: page.items, first: true, last: true });
        table.take(Feed::Put(decoder.item(EVENT).unwrap().unwrap()));
        let names = |rows: &[Arc<PodLine>]| rows.iter().map(|row| row.name.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&table.rows()), ["a-1", "a-2", "a-3"]);
        table.take(Feed::Gone(decoder.item(EVENT).unwrap().unwrap()));
        assert_eq!(names(&table.rows()), ["a-1", "a-3"]);
        let bookmark = r#"{"kind":"Table","metadata":{"resourceVersion":"11"},"rows":[{"cells":["","","","","","",""],"object":null}]}"#;
        assert!(decoder.item(bookmark).unwrap().is_none());
    }

    fn row(name: u8, node: u8) -> Arc<PodLine> {
        let text = |text: &str| -> Arc<str> { text.into() };
        Arc::new(PodLine {
            namespace: Namespace::new("shop"),
            name: format!("p{name:03}").into(),
            ready: text("1/1"),
            status: text("Running"),
            restarts: text("0"),
            age: text("1s"),
            node: format!("n{node}").into(),
        })
    }

    /// What a server may tell, one number each: a row that is there, one that went, a whole new list.
    #[derive(Clone, Debug)]
    enum Told {
        Put(u8, u8),
        Gone(u8),
        List(Vec<(u8, u8)>),
    }

    fn told() -> impl Strategy<Value = Told> {
        prop_oneof![
            8 => (0..40_u8, any::<u8>()).prop_map(|(name, node)| Told::Put(name, node)),
            4 => (0..40_u8).prop_map(Told::Gone),
            1 => prop::collection::vec((0..40_u8, any::<u8>()), 0..20).prop_map(Told::List),
        ]
    }

    proptest! {
        #[test]
        fn whatever_is_told_the_rows_are_what_a_fresh_list_would_show(
            story in prop::collection::vec(told(), 0..60),
            shown_after in prop::collection::vec(any::<bool>(), 60),
        ) {
            let mut table = Table::default();
            table.take(Feed::Page { items: Vec::new(), first: true, last: true });
            let mut truth = BTreeMap::new();
            for (told, shown) in story.into_iter().zip(shown_after) {
                match told {
                    Told::Put(name, node) => {
                        truth.insert(name, node);
                        table.take(Feed::Put(row(name, node)));
                    }
                    Told::Gone(name) => {
                        truth.remove(&name);
                        table.take(Feed::Gone(row(name, 0)));
                    }
                    Told::List(rows) => {
                        truth = rows.into_iter().collect();
                        let items: Vec<_> = truth.iter().map(|(name, node)| row(*name, *node)).collect();
                        let (one, two) = items.split_at(items.len() / 2);
                        table.take(Feed::Page { items: one.to_vec(), first: true, last: false });
                        table.take(Feed::Page { items: two.to_vec(), first: false, last: true });
                    }
                }
                if shown {
                    table.rows();
                }
            }
            let expected: Vec<_> = truth.iter().map(|(name, node)| row(*name, *node)).collect();
            prop_assert_eq!(&*table.rows(), &expected);
        }
    }
}
