//! Lists by pages: each page becomes the core's values before the next is fetched, so that the largest cluster needs
//! little memory. A list whose continuation expired starts again rather than mixing two states.

use kube::Client;
use kube::core::Request;
use kube::core::params::ListParams;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::answer::code;

/// kubectl's page size.
const PAGE: u32 = 500;
/// A list that expires this often on the way changes faster than it can be read.
const STARTS: usize = 3;

/// A whole list, and from where a watch goes on.
#[derive(Debug)]
pub(crate) struct Listed<T> {
    pub(crate) items: Vec<T>,
    pub(crate) resource_version: String,
}

/// What the pages of any list have in common with those of a table.
pub(super) trait Page: DeserializeOwned {
    type Item;
    fn into_parts(self) -> (PageMeta, Vec<Self::Item>);
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PageMeta {
    resource_version: String,
    r#continue: String,
}

#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct ObjectPage<T> {
    #[serde(default)]
    metadata: PageMeta,
    /// Some servers write an empty list as null.
    #[serde(default)]
    items: Option<Vec<T>>,
}

impl<T: DeserializeOwned> Page for ObjectPage<T> {
    type Item = T;
    fn into_parts(self) -> (PageMeta, Vec<T>) {
        (self.metadata, self.items.unwrap_or_default())
    }
}

/// All objects below `path` (such as `/api/v1/nodes`), read as `Slim` and kept as `T`.
pub(crate) async fn list_pages<Slim, T>(
    client: &Client,
    path: &str,
    params: &ListParams,
) -> Result<Listed<T>, kube::Error>
where
    Slim: DeserializeOwned,
    T: From<Slim>,
{
    collect::<ObjectPage<Slim>, T>(client, path, params, None, T::from).await
}

/// All pages of one list, in the form that `accept` asks for.
pub(super) async fn collect<P: Page, T>(
    client: &Client,
    path: &str,
    params: &ListParams,
    accept: Option<&'static str>,
    keep: impl Fn(P::Item) -> T,
) -> Result<Listed<T>, kube::Error> {
    let mut items = Vec::new();
    let mut params = params.clone();
    params.limit = params.limit.or(Some(PAGE));
    let mut starts = 1;
    loop {
        let mut request = Request::new(path)
            .list(&params)
            .map_err(kube::Error::BuildRequest)?;
        if let Some(accept) = accept {
            request
                .headers_mut()
                .insert(http::header::ACCEPT, http::HeaderValue::from_static(accept));
        }
        let page: P = match client.request(request).await {
            Ok(page) => page,
            // 410: the continuation is older than the server's history.
            Err(error) if code(&error) == Some(410) && starts < STARTS => {
                starts += 1;
                items.clear();
                params.continue_token = None;
                continue;
            }
            Err(error) => return Err(error),
        };
        let (meta, more) = page.into_parts();
        items.extend(more.into_iter().map(&keep));
        if meta.r#continue.is_empty() {
            return Ok(Listed {
                items,
                resource_version: meta.resource_version,
            });
        }
        params.continue_token = Some(meta.r#continue);
    }
}
