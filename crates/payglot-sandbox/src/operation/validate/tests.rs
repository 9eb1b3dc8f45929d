//! What validation says, for every kind of value, on models made for it.

use axum::http::{HeaderMap, HeaderValue, Request, header};
use payglot::schema::{Content, Discriminator, Enum, Limits, ParameterStyle, Union, Unit};
use serde_json::json;

use super::query::query_object;
use super::*;

const fn field(wire: &'static str, ty: Type) -> Field {
    Field {
        wire,
        name: wire,
        aliases: &[],
        ty,
        required: false,
        nullable: false,
        sensitive: false,
        read_only: false,
        write_only: false,
        limits: Limits::NONE,
        style: ParameterStyle::Repeated,
    }
}

const fn limited(wire: &'static str, ty: Type, limits: Limits) -> Field {
    Field { limits, ..field(wire, ty) }
}

static COLOUR: Enum = Enum { name: "Colour", values: &["RED", "GREEN", "BLUE"] };

static INNER: Schema = Schema {
    index: 1,
    name: "Inner",
    fields: &[Field { required: true, ..field("id", Type::Uuid) }],
    open: true,
    outcome: None,
    certain: 0,
};

static MODEL: Schema = Schema {
    index: 0,
    name: "Model",
    fields: &[
        Field { required: true, aliases: &["nmae"], ..field("name", Type::Text) },
        Field { nullable: true, ..field("note", Type::Text) },
        limited(
            "code",
            Type::Text,
            Limits { min_length: Some(2), max_length: Some(3), ..Limits::NONE },
        ),
        Field { sensitive: true, ..field("secret", Type::Integer) },
        field("id", Type::Uuid),
        field("flag", Type::Boolean),
        limited("page", Type::Integer, Limits { minimum: Some("1"), ..Limits::NONE }),
        limited("rows", Type::Integer, Limits { one_of: &[10, 20], ..Limits::NONE }),
        field("ratio", Type::Number),
        limited(
            "amount",
            Type::Money(Unit::Dollars),
            Limits { minimum: Some("0.01"), maximum: Some("100000"), ..Limits::NONE },
        ),
        field("colour", Type::Enum(&COLOUR)),
        field("inner", Type::Object(&INNER)),
        limited(
            "list",
            Type::List(&Type::Object(&INNER)),
            Limits { max_items: Some(1), ..Limits::NONE },
        ),
        field("at", Type::DateTime),
        field("on", Type::Date),
        field("any", Type::Any),
    ],
    open: false,
    outcome: None,
    certain: 0,
};

/// Checks a body and returns `(type, loc, input)` of each problem.
fn problems(body: &str) -> Vec<(String, Value, Value)> {
    let found = super::body(&MODEL, &HeaderMap::new(), body.as_bytes()).err().unwrap_or_default();
    let problems = json!(found);
    let problems = problems.as_array().unwrap().iter();
    problems
        .map(|p| (p["type"].as_str().unwrap().to_owned(), p["loc"].clone(), p["input"].clone()))
        .collect()
}

/// Checks one field beside a valid `name` and returns the problem's type.
fn kind(field: &str, value: &Value) -> Option<String> {
    let mut body = json!({ "name": "n" });
    body[field] = value.clone();
    let mut problems = problems(&body.to_string());
    assert!(problems.len() <= 1, "{problems:?}");
    problems.pop().map(|(kind, loc, _)| {
        assert_eq!(loc, json!(["body", field]));
        kind
    })
}

#[test]
fn valid_values_pass() {
    for (field, value) in [
        ("note", json!(null)),
        ("code", json!("äöü")),
        ("id", json!("f47ac10b-58cc-4372-a567-0e02b2c3d479")),
        ("flag", json!(false)),
        ("page", json!(1)),
        ("page", json!(2.0)),
        ("rows", json!(10)),
        ("rows", json!(20.0)),
        ("ratio", json!(-1.5)),
        ("amount", json!(0.01)),
        ("amount", json!(100_000)),
        ("colour", json!("BLUE")),
        ("inner", json!({ "id": "f47ac10b-58cc-4372-a567-0e02b2c3d479", "more": 1 })),
        ("list", json!([])),
        ("at", json!("2026-08-01T12:00:00.5Z")),
        ("at", json!("2026-08-01T12:00:00+02:00")),
        ("on", json!("2026-08-01")),
        ("any", json!([null, {}])),
        ("unknown", json!(1)),
    ] {
        assert_eq!(kind(field, &value), None, "{field} {value}");
    }
}

#[test]
fn each_fault_has_pydantics_name() {
    for (field, value, expected) in [
        ("name", json!(5), "string_type"),
        ("name", json!(null), "string_type"),
        ("code", json!("a"), "string_too_short"),
        ("code", json!("abcd"), "string_too_long"),
        ("id", json!("nonsense"), "uuid_parsing"),
        ("id", json!(7), "uuid_type"),
        ("flag", json!("yes"), "bool_parsing"),
        ("flag", json!(1), "bool_type"),
        ("page", json!("x"), "int_parsing"),
        ("page", json!([]), "int_type"),
        ("page", json!(1.5), "int_from_float"),
        ("page", json!(0), "greater_than_equal"),
        ("rows", json!(11), "enum"),
        ("ratio", json!("1"), "float_parsing"),
        ("ratio", json!(true), "float_type"),
        ("amount", json!("1"), "decimal_parsing"),
        ("amount", json!({}), "decimal_type"),
        ("amount", json!(0.009), "greater_than_equal"),
        ("amount", json!(100_000.01), "less_than_equal"),
        ("colour", json!("PINK"), "enum"),
        ("colour", json!(null), "enum"),
        ("inner", json!([]), "model_attributes_type"),
        ("list", json!({}), "list_type"),
        ("at", json!("2026-08-01T12:00:00"), "datetime_parsing"),
        ("at", json!(5), "datetime_type"),
        ("on", json!("2026-8-1"), "date_parsing"),
        ("on", json!("2026-02-30"), "date_parsing"),
        ("on", json!(5), "date_type"),
    ] {
        assert_eq!(kind(field, &value).as_deref(), Some(expected), "{field} {value}");
    }
}

#[test]
fn all_problems_are_collected_with_their_places() {
    let body = r#"{"list": [{"id": "x"}, {}], "inner": {}, "page": 0}"#;
    let found: Vec<_> = problems(body).into_iter().map(|(kind, loc, _)| (kind, loc)).collect();
    let expected = [
        ("missing", json!(["body", "name"])),
        ("greater_than_equal", json!(["body", "page"])),
        ("missing", json!(["body", "inner", "id"])),
        ("too_long", json!(["body", "list"])),
        ("uuid_parsing", json!(["body", "list", 0, "id"])),
        ("missing", json!(["body", "list", 1, "id"])),
    ];
    assert_eq!(found, expected.map(|(kind, loc)| (kind.to_owned(), loc)));
}

#[test]
fn confidential_input_is_never_shown() {
    assert_eq!(problems(r#"{"name": 5}"#)[0].2, json!(5));
    assert_eq!(problems(r#"{"name": "n", "secret": "4242"}"#)[0].2, Value::Null);
    assert_eq!(problems(r#"{"name": {"cvv": "123"}}"#)[0].2, Value::Null);
}

#[test]
fn other_spellings_count_as_the_field() {
    assert!(problems(r#"{"nmae": "n"}"#).is_empty());
}

#[test]
fn a_body_that_is_no_object_is_named() {
    let problem = |body: &str| problems(body).remove(0);
    assert_eq!(problem(""), ("missing".to_owned(), json!(["body"]), Value::Null));
    assert_eq!(problem("[]"), ("model_attributes_type".to_owned(), json!(["body"]), Value::Null));
    assert_eq!(problem("null"), ("model_attributes_type".to_owned(), json!(["body"]), Value::Null));
    assert_eq!(
        problem("{\"name\": x"),
        ("json_invalid".to_owned(), json!(["body", 10]), Value::Null)
    );
    assert_eq!(problem("\u{fe}"), ("json_invalid".to_owned(), json!(["body", 1]), Value::Null));
}

#[test]
fn other_content_types_are_refused_by_name() {
    let mut headers = HeaderMap::new();
    let mut check = |content_type| {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        super::body(&MODEL, &headers, b"{\"name\": \"n\"}").map_err(|problems| json!(problems))
    };
    assert!(check("application/json; charset=utf-8").is_ok());
    assert!(check("application/problem+json").is_ok());
    let problems = check("application/x-www-form-urlencoded").unwrap_err();
    assert!(problems[0]["msg"].as_str().unwrap().contains("x-www-form-urlencoded"));
}

#[test]
fn query_values_are_read_by_their_type() {
    static QUERY: [Field; 4] = [
        Field { required: true, ..field("amount", Type::Money(Unit::Currency)) },
        field("flag", Type::Boolean),
        field("tags", Type::List(&Type::Text)),
        field("text", Type::Text),
    ];
    let read = |query: &str| query_object(&QUERY, query);
    assert_eq!(
        json!(read("amount=1.50&flag=true&tags=a&tags=b&text=1&text=2&other=3")),
        json!({ "amount": 1.5, "flag": true, "tags": ["a", "b"], "text": "2" })
    );
    let mut walk = Walk::at("query");
    walk.fields(&QUERY, &read("amount=x&flag=maybe"));
    walk.fields(&QUERY, &read(""));
    let kinds: Vec<_> =
        json!(walk.problems).as_array().unwrap().iter().map(|p| p["type"].clone()).collect();
    assert_eq!(kinds, ["decimal_parsing", "bool_parsing", "missing"]);
}

#[test]
fn query_values_are_read_in_their_style() {
    static QUERY: [Field; 5] = [
        field("comma", Type::List(&Type::Integer)).style(ParameterStyle::Comma),
        field("text", Type::List(&Type::Text)).style(ParameterStyle::Comma),
        field("space", Type::List(&Type::Text)).style(ParameterStyle::Space),
        field("deep", Type::Object(&MODEL)).style(ParameterStyle::DeepObject),
        field("free", Type::Any).style(ParameterStyle::DeepObject),
    ];
    let query = "comma=1,2&text=a%2Cb,c&space=a%20b&deep[secret]=1&deep%5Bname%5D=n\
                 &free[a][b]=1&free[c]=x";
    assert_eq!(
        json!(query_object(&QUERY, query)),
        json!({
            "comma": [1, 2], "text": ["a,b", "c"], "space": ["a", "b"],
            "deep": {"secret": 1, "name": "n"}, "free": {"a": {"b": "1"}, "c": "x"},
        })
    );
}

#[test]
fn forms_are_read_and_checked() {
    static SCHEMA: Schema = Schema {
        index: 0,
        name: "Form",
        fields: &[
            Field { required: true, ..field("amount", Type::Money(Unit::Dollars)) },
            field("tags", Type::List(&Type::Text)),
            field("ids", Type::List(&Type::Integer)),
        ],
        open: false,
        outcome: None,
        certain: 0,
    };
    static FORM: Operation = Operation {
        method: "POST",
        body: Some(&SCHEMA),
        content: Content {
            media_type: "application/x-www-form-urlencoded",
            form: BodyForm::Form(&[("ids", ParameterStyle::Comma)]),
        },
        ..Operation::DEFAULTS
    };
    let (parts, ()) = Request::new(()).into_parts();
    let read = |form: &'static str| {
        request(&FORM, PathValues::new(), &parts, &Bytes::from_static(form.as_bytes()))
    };
    let call = read("amount=10.10&tags=a+b&tags=c&ids=1,2").ok().unwrap();
    let expected = r#"{"amount":10.10,"tags":["a b","c"],"ids":[1,2]}"#;
    assert_eq!(json!(call.body), serde_json::from_str::<Value>(expected).unwrap());
    assert!(read("tags=a").is_err() && read("amount=ten").is_err());
    let json = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"))]);
    assert_eq!(foreign(&json, FORM.content.media_type), Some("text/xml"));
}

#[test]
fn path_query_and_body_are_reported_together() {
    let operation = payglot::paywint_platform::PROVIDER
        .operations
        .iter()
        .find(|operation| operation.name == "cards.create_update_link")
        .unwrap();
    let (parts, ()) = Request::new(()).into_parts();
    let path = PathValues::from([("user_id", "nobody".to_owned())]);
    let problems =
        json!(request(operation, path, &parts, &Bytes::from_static(b"{}")).err().unwrap());
    let locs: Vec<_> = problems.as_array().unwrap().iter().map(|p| p["loc"].clone()).collect();
    assert_eq!(
        locs,
        [json!(["path", "user_id"]), json!(["body", "card_id"]), json!(["body", "card_purpose"])]
    );
}

static CARD: Schema = Schema {
    index: 2,
    name: "Card",
    fields: &[
        Field { required: true, ..field("kind", Type::Text) },
        Field { required: true, sensitive: true, ..field("number", Type::Text) },
    ],
    open: false,
    outcome: None,
    certain: 0,
};
static BANK: Schema = Schema {
    index: 3,
    name: "Bank",
    fields: &[
        Field { required: true, ..field("kind", Type::Text) },
        Field { required: true, ..field("id", Type::Uuid) },
    ],
    open: false,
    outcome: None,
    certain: 0,
};
static TOLD: Union = Union {
    name: "Source",
    members: &[Type::Object(&CARD), Type::Object(&BANK)],
    limits: &[],
    discriminator: Some(Discriminator {
        field: "kind",
        values: &[("card", 0), ("bank", 1)],
        other: None,
    }),
};
static FIT: Union = Union {
    name: "Code",
    members: &[Type::Text, Type::Integer, Type::List(&Type::Object(&INNER))],
    limits: &[
        Limits { max_length: Some(3), ..Limits::NONE },
        Limits { minimum: Some("10"), ..Limits::NONE },
        Limits::NONE,
    ],
    discriminator: None,
};
static ITSELF: Union =
    Union { name: "Self", members: &[Type::Union(&ITSELF)], limits: &[], discriminator: None };
static OF_UNIONS: Schema = Schema {
    index: 4,
    name: "OfUnions",
    fields: &[
        field("source", Type::Union(&TOLD)),
        Field { nullable: true, ..field("code", Type::Union(&FIT)) },
        field("self", Type::Union(&ITSELF)),
    ],
    open: false,
    outcome: None,
    certain: 0,
};

/// Checks a body of unions and returns the problems as they are sent.
fn of_unions(body: &Value) -> Value {
    let bytes = body.to_string();
    let found = super::body(&OF_UNIONS, &HeaderMap::new(), bytes.as_bytes());
    json!(found.err().unwrap_or_default())
}

#[test]
fn an_object_that_says_what_it_is_is_checked_as_that() {
    assert_eq!(of_unions(&json!({"source": {"kind": "card", "number": "4111"}})), json!([]));
    let found = of_unions(&json!({"source": {"kind": "card", "number": 4111}}));
    assert_eq!(found[0]["loc"], json!(["body", "source", "card", "number"]));
    assert_eq!((&found[0]["type"], &found[0]["input"]), (&json!("string_type"), &Value::Null));
    let found = of_unions(&json!({"source": {"number": "4111"}}));
    assert_eq!(found[0]["type"], "union_tag_not_found");
    assert_eq!(found[0]["msg"], "Unable to extract tag using discriminator 'kind'");
    let found = of_unions(&json!({"source": {"kind": "cash"}}));
    assert_eq!(found[0]["loc"], json!(["body", "source"]));
    assert_eq!(
        found[0]["msg"],
        "Input tag 'cash' found using 'kind' does not match any of the expected tags: 'card', 'bank'"
    );
    assert_eq!(found[0]["ctx"]["expected_tags"], "'card', 'bank'");
    assert_eq!(of_unions(&json!({"source": "card"}))[0]["type"], "model_attributes_type");
}

#[test]
fn a_value_of_several_types_is_one_of_them_or_has_the_problems_of_each() {
    for right in [json!("abc"), json!(10), json!([]), Value::Null] {
        assert_eq!(of_unions(&json!({ "code": right })), json!([]), "{right}");
    }
    let locations = |body: Value| -> Vec<(Value, Value)> {
        let found = of_unions(&body);
        let found = found.as_array().unwrap().iter();
        found.map(|problem| (problem["type"].clone(), problem["loc"].clone())).collect()
    };
    assert_eq!(
        locations(json!({"code": "abcd"})),
        [
            (json!("string_too_long"), json!(["body", "code", "str"])),
            (json!("int_parsing"), json!(["body", "code", "int"])),
            (json!("list_type"), json!(["body", "code", "list[Inner]"])),
        ]
    );
    let of_list = locations(json!({"code": [{}]}));
    let missing = (json!("missing"), json!(["body", "code", "list[Inner]", 0, "id"]));
    assert!(of_list.contains(&missing), "{of_list:?}");
    assert!(!locations(json!({"self": 1})).is_empty());
}
