//! Links of a vendor's to the next page: followed within the client's own host alone, as its keys go with the request.

use http::HeaderMap;
use http::uri::PathAndQuery;

use super::Core;
use crate::error::{Error, ErrorKind};
use crate::request::PreparedRequest;
use crate::schema::Operation;

impl Core {
    /// The request of a page that a link leads to. `request` is that of the page before it. A link that leads to another
    /// host, or out of the base path, is an error: nothing is sent there.
    pub(crate) fn linked(
        &self,
        operation: &'static Operation,
        request: &PreparedRequest,
        link: &str,
    ) -> Result<PreparedRequest, Error> {
        self.target(operation, request, link)
            .map(|target| PreparedRequest { target, ..request.clone() })
            .map_err(|error| error.with_operation(operation.name))
    }

    /// A link as a whole URL, where it is one that stands for something beside the page of this request.
    pub(crate) fn whole_link(
        &self,
        operation: &'static Operation,
        request: &PreparedRequest,
        link: &str,
    ) -> Option<String> {
        Some(self.url(operation, request)?.join(link.trim()).ok()?.into())
    }

    fn url(&self, operation: &'static Operation, request: &PreparedRequest) -> Option<url::Url> {
        let hosts = self.0.hosts.current();
        let (endpoint, base_path) = hosts.of(Some(operation)).ok()?;
        let uri = endpoint.uri(base_path, &request.target).ok()?;
        url::Url::parse(&uri.to_string()).ok()
    }

    fn target(
        &self,
        operation: &'static Operation,
        request: &PreparedRequest,
        link: &str,
    ) -> Result<PathAndQuery, Error> {
        let refused = |problem: &str| {
            Error::new(
                ErrorKind::ResponseFormat,
                format!("the vendor's link to the next page {problem}; it is not followed"),
            )
        };
        let hosts = self.0.hosts.current();
        let (endpoint, base_path) = hosts.of(Some(operation))?;
        let from = self.url(operation, request).ok_or_else(|| refused("cannot be read"))?;
        let to = from.join(link.trim()).map_err(|_| refused("is no URL"))?;
        let has_user = !to.username().is_empty() || to.password().is_some();
        if to.origin() != from.origin() || has_user {
            return Err(refused(
                "leads to another host than the client's, which must not get its keys",
            ));
        }
        let base_path = base_path.unwrap_or(endpoint.base_path()).trim_end_matches('/');
        let path = to.path().strip_prefix(base_path).filter(|path| path.starts_with('/'));
        let path = path.ok_or_else(|| refused("leads out of the base path of the client's URL"))?;
        let target = match to.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        };
        target.parse().map_err(|_| refused("cannot be sent"))
    }
}

/// The URL of the header `Link` whose relation is `next`, as RFC 8288 writes it.
pub(crate) fn next_of(headers: &HeaderMap) -> Option<&str> {
    let values = headers.get_all(http::header::LINK).iter();
    values.filter_map(|value| value.to_str().ok()).find_map(next_in)
}

fn next_in(mut text: &str) -> Option<&str> {
    while let Some((_, rest)) = text.split_once('<') {
        let (url, rest) = rest.split_once('>')?;
        let (parameters, following) = until_comma(rest);
        if parameters.split(';').any(is_next) {
            return Some(url);
        }
        text = following;
    }
    None
}

/// What stands before the comma that ends a link, and what follows it. A comma within quotes ends nothing.
fn until_comma(text: &str) -> (&str, &str) {
    let mut is_quoted = false;
    let end = text.find(|c: char| {
        is_quoted ^= c == '"';
        c == ',' && !is_quoted
    });
    end.map_or((text, ""), |end| text.split_at(end))
}

/// Whether a parameter of a link is `rel` with `next` among its relations.
fn is_next(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
        name.trim().eq_ignore_ascii_case("rel")
            && relations.any(|relation| relation.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_is_found_among_others() {
        for (text, expected) in [
            ("<https://a.example/x?page=2>; rel=\"next\"", Some("https://a.example/x?page=2")),
            ("</x?p=1>; rel=prev, </x?p=3>; rel=next", Some("/x?p=3")),
            ("</a,b>; title=\"one, <two>\"; rel=\"last\", </c>; rel=\"NEXT archive\"", Some("/c")),
            ("</x>; rel=\"last\"", None),
            ("</x>; title=\"next\"", None),
            ("<broken", None),
            ("", None),
        ] {
            assert_eq!(next_in(text), expected, "{text}");
        }
    }
}
