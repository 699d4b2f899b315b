//! From bytes to items: lists of objects here, server-side tables in the pod table.

use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::cluster::http::JSON;
use crate::model::ids::ResourceVersion;

/// Reads what one watch gets.
pub(in crate::cluster) trait Decoder: Send + 'static {
    /// What comes out.
    type Item: Send + 'static;

    /// The media type to ask for.
    fn accept(&self) -> &'static str;

    /// Items to ask for at a time.
    fn page_size(&self, first: bool) -> &'static str;

    /// A page of a list.
    fn page(&mut self, body: &[u8]) -> Result<ListPage<Self::Item>, serde_json::Error>;

    /// The object of an event; `None` where it holds no item.
    fn item(&mut self, object: &str) -> Result<Option<Self::Item>, serde_json::Error>;
}

/// A page of a list.
pub(in crate::cluster) struct ListPage<T> {
    /// Items, in the server's order.
    pub items: Vec<T>,
    /// Version of the list.
    pub version: ResourceVersion,
    /// Token of the next page; empty at the end.
    pub next: String,
}

/// `metadata` of any list.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::cluster) struct ListMeta {
    /// Version of the list.
    pub resource_version: ResourceVersion,
    /// Token of the next page.
    #[serde(rename = "continue")]
    pub next: String,
    /// How many more there are; absent as soon as a selector is given.
    pub remaining_item_count: Option<u64>,
}

/// Plain objects, read into `T` and turned into items at once, so that no page is kept twice.
pub(in crate::cluster) struct Objects<T, F> {
    into: F,
    page: &'static str,
    wire: PhantomData<fn() -> T>,
}

impl<T, I, F: FnMut(T) -> I> Objects<T, F> {
    /// Items made by `into`.
    pub(in crate::cluster) fn new(into: F) -> Self {
        Self { into, page: "500", wire: PhantomData }
    }

    /// So many at a time: fewer where they are large, because a page is held in memory while it is read.
    pub(in crate::cluster) fn in_pages_of(self, page: &'static str) -> Self {
        Self { page, ..self }
    }
}

#[derive(Deserialize)]
struct List<T> {
    #[serde(default)]
    metadata: ListMeta,
    // Go writes an empty list as null
    items: Option<Vec<T>>,
}

impl<T, I, F> Decoder for Objects<T, F>
where
    T: DeserializeOwned + 'static,
    I: Send + 'static,
    F: FnMut(T) -> I + Send + 'static,
{
    type Item = I;

    fn accept(&self) -> &'static str {
        JSON
    }

    fn page_size(&self, _first: bool) -> &'static str {
        self.page
    }

    fn page(&mut self, body: &[u8]) -> Result<ListPage<I>, serde_json::Error> {
        let List { metadata, items } = serde_json::from_slice::<List<T>>(body)?;
        let items = items.unwrap_or_default().into_iter().map(&mut self.into).collect();
        Ok(ListPage { items, version: metadata.resource_version, next: metadata.next })
    }

    fn item(&mut self, object: &str) -> Result<Option<I>, serde_json::Error> {
        serde_json::from_str(object).map(&mut self.into).map(Some)
    }
}
