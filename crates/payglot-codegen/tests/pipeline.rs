//! Small providers through the whole pipeline: those of `tests/providers` beside this file, which are rejected, and those of
//! the repository's `tests/providers`, which are generated.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says where"
)]

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use payglot_codegen::Generator;
use payglot_codegen::model::{
    DeliveryField, Model, Operation, Paging, Provider, Replay, Security, Type, Unit,
};
use payglot_codegen::output::Output;
use payglot_codegen::source;

fn generator() -> Generator {
    Generator::default()
}

fn folder(name: &str) -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let good = package.join("../../tests/providers").join(name);
    if !name.is_empty() && good.is_dir() {
        good
    } else {
        package.join("tests/providers").join(name)
    }
}

fn vendored(name: &str) -> source::ProviderSource {
    source::provider(&folder(name)).unwrap()
}

fn outputs(provider: Provider) -> Vec<Output> {
    let errors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/errors.toml");
    let errors = source::errors::read(&errors).unwrap();
    // Every Rust file is parsed before it is written.
    generator().files(&Model { providers: vec![provider], errors }).unwrap()
}

fn text<'o>(outputs: &'o [Output], ending: &str) -> &'o str {
    &outputs.iter().find(|output| output.path.ends_with(ending)).unwrap().text
}

/// A folder with an `error.txt` fails with just that, and is generated after the actions that it names.
#[test]
fn what_cannot_be_generated_says_what_would_help() {
    let mut cases = 0;
    for entry in std::fs::read_dir(folder("")).unwrap() {
        let path = entry.unwrap().path();
        let Ok(expected) = std::fs::read_to_string(path.join("error.txt")) else { continue };
        let mut vendored = source::provider(&path).unwrap();
        let overlay = vendored.overlay["actions"].as_array().unwrap().clone();
        let mut message = format!("{:#}", generator().provider(vendored).err().unwrap());
        assert_eq!(message, expected.trim_end(), "{}", path.display());
        let mut actions = overlay;
        let mut round = 0;
        let provider = loop {
            actions.extend(named_actions(&message, round));
            vendored = source::provider(&path).unwrap();
            vendored.overlay["actions"] = Value::Array(actions.clone());
            match generator().provider(vendored) {
                Ok(provider) => break provider,
                Err(error) => message = format!("{error:#}"),
            }
            round += 1;
            assert!(round < 4, "{}: {message}", path.display());
        };
        assert!(outputs(provider).len() > 5, "{}", path.display());
        cases += 1;
    }
    assert!(cases >= 3, "{cases}");
}

/// The actions of a message, with names of their own where a name has to be chosen.
fn named_actions(message: &str, round: usize) -> Vec<Value> {
    let named = message.lines().enumerate().map(|(number, line)| {
        let (_, action) =
            line.split_once("Overlay action: ").unwrap_or(("", "{target: $, update: {}}"));
        let action = action.replace("resource.method", &format!("chosen.number_{round}_{number}"));
        serde_yaml_ng::from_str(&action).unwrap()
    });
    named.collect()
}

#[test]
fn everything_is_generated() {
    let provider = generator().provider(vendored("everything")).unwrap();
    let operation = |name: &str| -> &Operation {
        provider.operations.iter().find(|operation| operation.name == name).unwrap()
    };
    let names = |name: &str| -> Vec<(&str, &str)> {
        let schema = provider.schemas.iter().find(|schema| schema.pascal == name).unwrap();
        schema.fields.iter().map(|field| (field.wire.as_str(), field.snake.as_str())).collect()
    };

    // The same name in path, query and body.
    let update = operation("items.update");
    assert_eq!(update.path_params[0].snake, "path_item_id");
    assert_eq!(update.query[2].snake, "query_name");
    let arguments: Vec<&str> = update.params.iter().map(|field| field.wire.as_str()).collect();
    assert_eq!(&arguments[..5], ["X-Trace", "kind", "query_name", "id", "note"]);
    assert!(arguments.contains(&"name"));
    assert_eq!(update.response, Type::Any);

    // Names that are the same in some language.
    assert_eq!(
        names("ItemOutput")[..3],
        [("item_id", "item_id"), ("itemId", "item_id_2"), ("_item_id", "item_id_3")]
    );
    let [first, second] =
        ["pages.get", "pages.create"].map(|name| operation(name).response.clone());
    assert_eq!(first, Type::Object { name: "PageItem".into() });
    assert_eq!(second, Type::Object { name: "PageItem2".into() });
    let order = provider.enums.iter().find(|known| known.values.len() == 7).unwrap();
    let variants: Vec<&str> = order.values.iter().map(|value| value.pascal.as_str()).collect();
    assert_eq!(variants, ["Asc", "Asc2", "Asc3", "Sign", "Sign2", "Other2", "Other3"]);

    // Query parameters of every kind.
    let list = operation("items.list");
    let kind = |wire: &str| &list.query.iter().find(|field| field.wire == wire).unwrap().ty;
    assert_eq!(*kind("tags"), Type::List { item: Box::new(Type::Text) });
    assert_eq!(*kind("since"), Type::Text);
    assert_eq!(*kind("either"), Type::Union { name: "ItemsListEither".into() });
    assert_eq!(list.paging, Paging::List);

    // Unions, tuples, decimals.
    let [body] = operation("items.create").body_fields.as_slice() else { panic!("no body") };
    assert!(matches!(body.ty, Type::Union { .. }) && body.wire == "body");
    let field =
        |wire: &str| &update.body_fields.iter().find(|field| field.wire == wire).unwrap().ty;
    assert_eq!(*field("price"), Type::Money { unit: Unit::Currency });
    assert_eq!(*field("point"), Type::List { item: Box::new(Type::Number) });
    assert!(matches!(field("pets").inner(), Type::Union { .. }));

    let outputs = outputs(provider);
    let tables = text(&outputs, "everything/tables.rs");
    for expected in [
        "Field::new(\"filter[name]\"",
        "Field::new(\"名前\"",
        "Field::new(\"tags\", \"tags\", Type::List(&Type::Text))",
        "method: \"OPTIONS\"",
        ".style(ParameterStyle::Comma)",
        ".style(ParameterStyle::Space)",
        ".style(ParameterStyle::Pipe)",
        ".style(ParameterStyle::DeepObject)",
        "Field::new(\"password\", \"password\", Type::Text).sensitive()",
        "path: \"/files/{name}.{ending}\"",
        "name: \"eu-sandbox\"",
    ] {
        assert!(tables.contains(expected), "{expected}");
    }
    let types = text(&outputs, "everything/types.rs");
    for expected in [
        "pub parent: Option<Box<Tree>>",
        "pub parent: Option<Nullable<Box<TreeInput>>>",
        "pub children: Option<Vec<TreeInput>>",
        "pub r#type: ",
        "pub struct JsonModelInput",
    ] {
        assert!(types.contains(expected), "{expected}");
    }
    let client = text(&outputs, "everything/mod.rs");
    for expected in ["EuSandbox,", "Self::EuSandbox => \"eu-sandbox\"", "EuSandbox2,"] {
        assert!(client.contains(expected), "{expected}");
    }
    // An error names the operation as the table does, and not as its class is called.
    for (file, expected) in [
        ("_generated_everything.py", "_resource = \"config\""),
        ("everything.cjs", "name: 'config.move'"),
    ] {
        assert!(text(&outputs, file).contains(expected), "{file}: {expected}");
    }
    let resources = text(&outputs, "everything/resources.rs");
    for expected in ["pub fn r#match(", "pub struct ConfigResource", "Vec<Vec<types::Tree>>"] {
        assert!(resources.contains(expected), "{expected}");
    }
}

/// How many records a page has, and which page it is, are arguments like others (issue 15.14).
#[test]
fn the_reference_says_how_a_page_is_chosen() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/paywint-platform");
    let vendored = source::provider(&folder).unwrap();
    let outputs = outputs(generator().provider(vendored).unwrap());
    let reference = text(&outputs, "reference/paywint-platform.md");
    for expected in [
        "| Rust | `client.users().list().rows_per_page(…).page(…)` |",
        "| Python | `client.users.list(*, rows_per_page=…, page_no=…)` |",
        "| Node | `client.users.list({ rows_per_page?, page_no? })` |",
        "| `rows_per_page` | `u64` | `int` | `number` |  | Page size;",
        "| `page` (Python, Node: `page_no`) | `u64` | `int` | `number` |  | One-based page index.",
    ] {
        assert!(reference.contains(expected), "{expected}");
    }
}

/// A later version can add a field or a member, and no program that compiles with this one stops compiling.
#[test]
fn models_in_rust_are_non_exhaustive_and_requests_have_builders() {
    let generator = generator();
    for name in ["everything", "shapes", "walks"] {
        let outputs = outputs(generator.provider(vendored(name)).unwrap());
        let types = syn::parse_file(text(&outputs, &format!("{name}/types.rs"))).unwrap();
        assert_models_are_open(name, &types.items);
        let progenitor = syn::parse_file(text(&outputs, &format!("{name}/progenitor.rs"))).unwrap();
        for item in progenitor.items {
            let syn::Item::Mod(module) = item else { continue };
            if module.ident == "bodies" {
                assert_models_are_open(name, &module.content.unwrap().1);
            }
        }
    }
}

fn assert_models_are_open(provider: &str, items: &[syn::Item]) {
    let invoked = |items: &[syn::Item], name: &str| -> Vec<String> {
        let mut models = Vec::new();
        for item in items {
            let syn::Item::Macro(item) = item else { continue };
            if item.mac.path.segments.last().is_some_and(|segment| segment.ident == name) {
                models.push(item.mac.tokens.clone().into_iter().next().unwrap().to_string());
            }
        }
        models.sort();
        models
    };
    let mut builders = Vec::new();
    for item in items {
        let (name, attributes) = match item {
            syn::Item::Struct(item) => (&item.ident, &item.attrs),
            syn::Item::Enum(item) => (&item.ident, &item.attrs),
            syn::Item::Mod(item) if item.ident == "builders" => {
                builders = invoked(&item.content.as_ref().unwrap().1, "request_builder");
                continue;
            }
            _ => continue,
        };
        let is_open =
            attributes.iter().any(|attribute| attribute.path().is_ident("non_exhaustive"));
        assert!(is_open, "{provider}: {name}");
    }
    assert_eq!(builders, invoked(items, "request_model"), "{provider}");
    assert!(!builders.is_empty(), "{provider}");
}

/// Adding an operation to a document, and a name for it, is all it takes.
#[test]
fn an_operation_that_is_added_appears_in_every_language() {
    let openapi = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi");
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&openapi, copy.path());

    let path = copy.path().join("linora/openapi.yaml");
    let mut document = source::yaml(&path).unwrap();
    document["paths"]["/api/vaults/{vaultId}/seal"]["post"] = json!({
        "summary": "Seals a vault.",
        "parameters": [{"name": "vaultId", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {"content": {"application/json": {"schema": {
            "type": "object",
            "required": ["reason"],
            "properties": {"reason": {"type": "string", "description": "Why the vault is sealed."}},
        }}}},
        "responses": {"200": {"content": {"application/json": {"schema": {
            "type": "object", "properties": {"sealedAt": {"type": "string", "format": "date-time"}},
        }}}}},
    });
    std::fs::write(&path, serde_yaml_ng::to_string(&document).unwrap()).unwrap();
    let path = copy.path().join("linora/overlay.yaml");
    let mut overlay = source::yaml(&path).unwrap();
    overlay["actions"].as_array_mut().unwrap().push(json!({
        "target": "$.paths['/api/vaults/{vaultId}/seal'].post",
        "update": {"x-payglot-name": "vaults.seal", "x-payglot-replay": "idempotent"},
    }));
    std::fs::write(&path, serde_yaml_ng::to_string(&overlay).unwrap()).unwrap();

    let model = generator().load(copy.path(), &copy.path().join("errors.toml")).unwrap();
    let outputs = generator().files(&model).unwrap();
    for (file, expected) in [
        ("linora/resources.rs", "pub fn seal("),
        ("linora/types.rs", "pub sealed_at: Option<Timestamp>"),
        ("linora/tables.rs", "\"vaults.seal\""),
        ("_generated_linora.py", "def seal("),
        ("_generated_linora_async.py", "seal = to_async(sync.Vaults.seal)"),
        ("types/linora.py", "sealed_at: Field["),
        ("linora.cjs", "seal(vaultId, params, options)"),
        ("linora.d.cts", "seal("),
        ("linora.d.cts", "Why the vault is sealed."),
        ("reference/linora.md", "client.vaults().seal(vault_id,"),
        ("reference/linora.md", "client.vaults.seal(vault_id, *, reason)"),
        ("reference/linora.md", "client.vaults.seal(vaultId, { reason })"),
        ("contract/generated_operations.json", "linora/vaults.seal"),
    ] {
        assert!(text(&outputs, file).contains(expected), "{file}: {expected}");
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// `everything` with webhooks: `amount` is what is said of the amount in an event's data.
fn with_webhooks(amount: &Value) -> source::ProviderSource {
    let mut vendored = vendored("everything");
    let delivery = |example: Value, event: Value, data: Value| {
        json!({"post": {"x-inferred": ["fields"], "requestBody": {"content": {"application/json": {
            "example": example,
            "schema": {"type": "object", "properties": {
                "kind": event, "key": {"type": "string"}, "about": data,
            }},
        }}}}})
    };
    let thing = json!({"type": "object", "title": "Thing", "properties": {
        "id": {"type": "string", "example": "t_1"}, "gone": {"type": "string"}, "amount": amount,
    }});
    vendored.document["webhooks"] = json!({
        "thing.made": delivery(json!({"about": {"gone": null}}), json!({"const": "thing/made"}), thing),
        "thing.Made": delivery(Value::Null, json!({"type": "string"}), json!({"type": "object"})),
    });
    vendored.config.webhooks = Some(payglot_codegen::model::Delivery {
        event: Some(DeliveryField::of("kind")),
        id: Some(DeliveryField::of("key")),
        data: Some("about".to_owned().into()),
        time: None,
    });
    vendored
}

#[test]
fn events_come_from_the_document() {
    let amount = json!({"type": "number", "x-payglot-money": "dollars", "example": 2.5});
    let provider = generator().provider(with_webhooks(&amount)).unwrap();
    let [made, other] = provider.events.as_slice() else { panic!("two events") };
    assert_eq!((made.name.as_str(), made.pascal.as_str()), ("thing/made", "ThingMade"));
    assert_eq!((other.name.as_str(), other.pascal.as_str()), ("thing.Made", "ThingMade2"));
    assert_eq!(made.sample, r#"{"id":"t_1","amount":2.5}"#);
    assert_eq!(made.unconfirmed, "fields.");
    assert_eq!((&other.data, other.sample.as_str()), (&Type::Any, "{}"));
    let outputs = outputs(provider);
    assert!(text(&outputs, "everything/webhooks.rs").contains("ThingMade(types::"));

    // Without a word on how deliveries are wrapped there are none.
    let mut silent = with_webhooks(&amount);
    silent.config.webhooks = None;
    let provider = generator().provider(silent).unwrap();
    assert!(provider.events.is_empty());
    let outputs = self::outputs(provider);
    assert!(!outputs.iter().any(|output| output.path.ends_with("everything/webhooks.rs")));
}

#[test]
fn an_amount_of_an_event_says_its_unit() {
    for (amount, wanted) in [
        (json!({"type": "number"}), "a number in a request or an event is money or not"),
        (json!({"type": "number", "x-payglot-money": "cents"}), "x-payglot-rename: amount_cents"),
    ] {
        let error = generator().provider(with_webhooks(&amount)).err().unwrap();
        assert!(format!("{error:#}").contains(wanted), "{error:#}");
    }
    let mut vendored = with_webhooks(&json!({"type": "string"}));
    vendored.config.webhooks.as_mut().unwrap().id = Some(DeliveryField::of("no_such"));
    let error = format!("{:#}", generator().provider(vendored).err().unwrap());
    assert!(error.contains("a delivery has no `no_such`"), "{error}");
}

/// Whatever a text holds, its literals and comments are source that each language reads.
#[test]
fn texts_with_controls_give_source_that_compiles() {
    let texts = json!([
        "a\nb",
        "nul\u{0}",
        "cr\r",
        "\u{2028}",
        "\"'`\\",
        "*/ ${x} \"\"\" #{y}",
        "\u{202e}",
        "\u{7f}\t"
    ]);
    let mut vendored = vendored("everything");
    let schema = json!({"type": "object", "description": "One\u{0}\r\n*/ \"\"\"", "properties": {
        "a\u{0}b\n*/": {"type": "string", "enum": texts, "description": "\u{2028}A\u{0}"},
    }});
    vendored.document["paths"]["/controls"]["post"] = json!({
        "x-payglot-name": "controls.create", "x-payglot-replay": "money", "summary": "Line\u{0}\r */ \"\"\"",
        "requestBody": {"content": {"application/json": {"schema": schema}}},
        "responses": {"200": {"content": {"application/json": {"schema": schema}}}},
    });
    let outputs = outputs(generator().provider(vendored).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mut python = Vec::new();
    let mut checked = 0;
    for output in &outputs {
        let name = output.path.file_name().unwrap().to_str().unwrap();
        // `.d.cts` is TypeScript, of which the literals and comments are those of JavaScript.
        let is_code = [".rs", ".py", "cjs", "cts", ".md"].iter().any(|end| name.ends_with(end));
        if !is_code || !output.path.to_str().unwrap().contains("everything") {
            continue;
        }
        let path = folder.path().join(name);
        std::fs::write(&path, &output.text).unwrap();
        if path.extension().is_some_and(|ending| ending == "py") {
            python.push(path);
        } else if path.extension().is_some_and(|ending| ending == "cjs") {
            let node =
                std::process::Command::new("node").arg("--check").arg(&path).output().unwrap();
            assert!(node.status.success(), "{name}: {}", String::from_utf8_lossy(&node.stderr));
            checked += 1;
        }
        let is_hidden =
            |c: char| c.is_control() && c != '\n' || ['\u{2028}', '\u{202e}'].contains(&c);
        assert!(!output.text.contains(is_hidden), "{name}");
    }
    let code = "import ast, sys\nfor path in sys.argv[1:]: ast.parse(open(path, 'rb').read())";
    let result =
        std::process::Command::new("python3").args(["-c", code]).args(&python).output().unwrap();
    assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
    assert!(checked >= 1 && python.len() >= 3, "{checked} {}", python.len());
}

#[test]
fn a_provider_cannot_have_the_name_of_something_else() {
    for name in [
        "core", "auth", "error", "json", "webhooks", "errors", "types", "std", "sign", "page",
        "async",
    ] {
        let mut vendored = vendored("everything");
        vendored.config.name = name.into();
        vendored.config.module = name.into();
        let error = format!("{:#}", generator().provider(vendored).err().unwrap());
        assert!(
            error.contains(&format!("module: `{name}` cannot be the name of a module")),
            "{error}"
        );
    }
    let mut vendored = vendored("everything");
    vendored.config.class = "Page".into();
    let error = format!("{:#}", generator().provider(vendored).err().unwrap());
    assert!(error.contains("class: `Page` is a class that a client has already"), "{error}");
}

#[test]
fn a_message_names_the_file_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let config = std::fs::read_to_string(self::folder("everything").join("provider.toml")).unwrap();
    for (file, text) in [
        ("provider.toml", config.as_str()),
        ("openapi.json", r#"{"swagger": "2.0"}"#),
        ("overlay.yaml", "overlay: 1.0.0\nactions: []"),
    ] {
        std::fs::write(folder.path().join(file), text).unwrap();
    }
    let error = generator().provider(source::provider(folder.path()).unwrap()).err().unwrap();
    let expected = "openapi.json: $.swagger: Swagger 2.0 is not read, only OpenAPI 3.0 and 3.1. ";
    assert!(format!("{error:#}").starts_with(expected), "{error:#}");
}

/// What is wrong with parameters, body and response of one operation, with paths and with provider.toml, in one run.
#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let mut vendored = vendored("everything");
    let gone = json!({"$ref": "#/components/schemas/Gone"});
    let content = json!({"content": {"application/json": {"schema": gone}}});
    vendored.document["paths"]["/gone"] = json!({"post": {
        "x-payglot-name": "gone.create", "x-payglot-replay": "money",
        "requestBody": content, "responses": {"200": content},
    }});
    vendored.document["paths"]["/a b#{c}"] = json!({});
    vendored.config.module = "core".into();
    let error = format!("{:#}", generator().provider(vendored).err().unwrap());
    for expected in
        ["/a b#{c}", "requestBody", "responses", "`core`", "is not the name with underscores"]
    {
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

/// `new-provider` for a document in a folder of its own; the folder that it wrote, or why it did not.
fn new_provider(document: &Value, name: &str) -> (tempfile::TempDir, Result<PathBuf, String>) {
    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        options: payglot_codegen::new_provider::Options,
    }
    let folder = tempfile::tempdir().unwrap();
    let from = folder.path().join("document.json");
    std::fs::write(&from, document.to_string()).unwrap();
    let out = folder.path().join("openapi");
    let args = ["new-provider", name, "--from"].map(PathBuf::from).into_iter();
    let args = args.chain([from, "--openapi".into(), out.clone()]);
    let options = <Command as clap::Parser>::parse_from(args).options;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let result = payglot_codegen::new_provider::run(&root, &options);
    let result = result.map(|()| out.join(name)).map_err(|error| format!("{error:#}"));
    (folder, result)
}

fn small(paths: &Value) -> Value {
    json!({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths})
}

#[test]
fn a_new_provider_generates_at_once_and_says_what_it_leaves_out() {
    let operation = json!({"responses": {"200": {"description": "OK"}}});
    let (_kept, written) = new_provider(
        &small(&json!({
            "x-note": "text",
            "/with space": {"get": operation},
            "without/slash": {"get": operation},
            "/a#b": {"get": operation},
            "/a?c=1": {"get": operation},
            "/a?d={d}": {"get": operation},
            "/ref": {"$ref": "#/paths/~1with space"},
            "/gone": {"$ref": "#/components/pathItems/Gone"},
        })),
        "acme",
    );
    let written = written.unwrap();
    let overlay = std::fs::read_to_string(written.join("overlay.yaml")).unwrap();
    for expected in [
        "# Left out: a path ends before",
        "# Left out: reference #/components/pathItems/Gone leads",
    ] {
        assert!(overlay.contains(expected), "{overlay}");
    }
    assert!(overlay.contains("extends: openapi.json"), "{overlay}");
    let provider = generator().provider(source::provider(&written).unwrap()).unwrap();
    let paths: Vec<&str> = provider.operations.iter().map(|known| known.path.as_str()).collect();
    assert_eq!(paths, ["/with space", "/without/slash", "/a#b", "/a?c=1", "/ref"]);
    let outputs = outputs(provider);
    for expected in ["path: \"/with%20space\"", "path: \"/a\"", "path: \"/a?c=1\""] {
        assert!(text(&outputs, "acme/tables.rs").contains(expected), "{expected}");
    }
}

/// What a document says of keys is what its client asks for.
#[test]
fn a_new_provider_asks_for_the_keys_that_operations_name() {
    let operation = |security: Value| json!({"security": security, "responses": {"200": {"description": "OK"}}});
    let mut document = small(&json!({
        "/both": {"get": operation(json!([{"Key": [], "App": []}]))},
        "/either": {"get": operation(json!([{"Token": []}, {"Key": []}]))},
        "/open": {"get": operation(json!([]))},
    }));
    document["components"]["securitySchemes"] = json!({
        "Unused": {"type": "apiKey", "in": "header", "name": "X-Unused"},
        "Key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "App": {"type": "apiKey", "in": "query", "name": "app"},
        "Token": {"type": "oauth2", "flows": {}},
    });
    let (_kept, written) = new_provider(&document, "acme");
    let provider = generator().provider(source::provider(&written.unwrap()).unwrap()).unwrap();
    let names: Vec<(&str, bool)> = provider
        .config
        .credentials
        .iter()
        .map(|credential| (credential.name.as_str(), credential.optional))
        .collect();
    assert_eq!(names, [("key", true), ("app", true), ("token", true)]);
    let security: Vec<&Security> =
        provider.operations.iter().map(|operation| &operation.security).collect();
    assert_eq!(
        security,
        [
            &Security::AnyOf(vec![vec![0, 1]]),
            &Security::AnyOf(vec![vec![2], vec![0]]),
            &Security::AnyOf(vec![])
        ]
    );
}

/// A vendor that takes a key for repetitions has its calls repeated under one.
#[test]
fn a_header_for_repetitions_makes_an_operation_keyed() {
    let key = json!({"name": "Idempotency-Key", "in": "header", "required": true, "schema": {"type": "string"}});
    let operation = json!({"parameters": [key], "responses": {"200": {"description": "OK"}}});
    let document = small(&json!({"/payments": {"post": operation}}));
    let (_kept, written) = new_provider(&document, "acme");
    let written = written.unwrap();
    let mut source = source::provider(&written).unwrap();
    let provider = generator().provider(source::provider(&written).unwrap()).unwrap();
    assert_eq!(provider.operations[0].replay, Replay::Keyed);
    assert!(provider.operations[0].query.is_empty(), "the client sends it");
    // An overlay that says otherwise would send none.
    source.overlay["actions"][0]["update"]["x-payglot-replay"] = "money".into();
    let error = format!("{:#}", generator().provider(source).err().unwrap());
    assert!(error.contains("there is a header Idempotency-Key"), "{error}");
}

#[test]
fn a_document_that_cannot_be_used_leaves_no_folder() {
    for (document, name, expected) in [
        (json!({"swagger": "2.0", "paths": {}}), "acme", "Swagger 2.0 is not read"),
        (json!({"openapi": "3.1.0"}), "acme", "the document has no paths"),
        (small(&json!({})), "acme", "the document has no operations"),
        (small(&json!({"/a": {"get": {}}})), "core", "take another, such as `core-api`"),
    ] {
        let (folder, written) = new_provider(&document, name);
        let error = written.unwrap_err();
        assert!(error.contains(expected), "{error}");
        assert!(!folder.path().join("openapi").exists(), "{expected}");
    }
}

/// A program sees by its status that nothing was written.
#[test]
fn a_document_that_cannot_be_used_ends_with_another_status_than_0() {
    let folder = tempfile::tempdir().unwrap();
    let from = folder.path().join("document.json");
    let run = || {
        std::process::Command::new(env!("CARGO_BIN_EXE_payglot-codegen"))
            .args(["--root", concat!(env!("CARGO_MANIFEST_DIR"), "/../..")])
            .args(["new-provider", "acme", "--from"])
            .arg(&from)
            .arg("--openapi")
            .arg(folder.path().join("openapi"))
            .output()
            .unwrap()
    };
    std::fs::write(&from, r#"{"swagger": "2.0", "paths": {}}"#).unwrap();
    let result = run();
    assert_eq!(result.status.code(), Some(1));
    let said = String::from_utf8_lossy(&result.stderr);
    assert!(said.contains("Swagger 2.0 is not read") && said.lines().count() == 1, "{said}");
    assert!(!folder.path().join("openapi").exists());
    let operation = json!({"get": {"responses": {"200": {"description": "OK"}}}});
    std::fs::write(&from, small(&json!({"/a": operation})).to_string()).unwrap();
    let result = run();
    assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
}

/// A generated workspace finds the runtime, also where the generator was given a relative path to the repository.
#[test]
fn a_generated_workspace_names_the_runtime_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let options = payglot_codegen::Options {
        check: false,
        openapi: Some(self::folder("everything").parent().unwrap().to_owned()),
        out: Some(folder.path().to_owned()),
        name: None,
    };
    payglot_codegen::run(Path::new("../.."), &options).unwrap();
    // `cargo xtask` is not there, so neither is its alias, and nothing else of this repository that the product has no use for.
    let mut there: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    let expected = [
        ".gitignore",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "bindings",
        "build.py",
        "clippy.toml",
        "crates",
        "docs",
        "rust-toolchain.toml",
        "tools",
    ];
    assert_eq!(there, expected);
    let readme = std::fs::read_to_string(folder.path().join("README.md")).unwrap();
    for expected in ["python3 build.py", "Everything API"] {
        assert!(readme.contains(expected), "{readme}");
    }
    assert!(!readme.contains("Paywint"), "{readme}");
    let manifest = std::fs::read_to_string(folder.path().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    let path = manifest["workspace"]["dependencies"]["payglot-runtime"]["path"].as_str().unwrap();
    assert!(
        Path::new(path).is_absolute() && Path::new(path).join("Cargo.toml").is_file(),
        "{path}"
    );
    // Nothing in it speaks of this repository's providers.
    let mut folders = vec![folder.path().to_owned()];
    let mut looked_at = 0;
    while let Some(next) = folders.pop() {
        for path in std::fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let found = ["aywint", "inora"]
                    .iter()
                    .find_map(|name| text.lines().find(|line| line.contains(name)));
                assert_eq!(found, None, "{}", path.display());
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 100, "{looked_at}");
}

/// issue 14: what is said beside a type does not take it away, and a type says what arrives.
#[test]
fn types_of_plain_values() {
    let provider = generator().provider(vendored("shapes")).unwrap();
    let plain = provider.schemas.iter().find(|schema| schema.pascal == "Plain").unwrap();
    let field = |wire: &str| plain.fields.iter().find(|field| field.wire == wire).unwrap();
    assert_eq!(field("color").ty, Type::Enum { name: "Color".into() });
    assert_eq!(field("color").default.as_deref(), Some("\"red\""));
    assert!(field("color").description.starts_with("The color."));
    assert_eq!((&field("short").ty, field("short").limits.max_length), (&Type::Text, Some(3)));
    assert_eq!(field("big").ty, Type::Integer { wide: true });
    assert_eq!(field("small").ty, Type::Integer { wide: false });
    assert!(field("pin").write_only && field("pin").sensitive);
    let outputs = outputs(provider);
    let node = text(&outputs, "shapes.d.cts");
    let (received, sent) = node.split_once("interface PlainInput").unwrap();
    let received = received.split_once("interface Plain {").unwrap().1;
    assert!(received.contains("big?: (number | string) | null"), "{received}");
    assert!(received.contains("small?: number | null"), "{received}");
    assert!(!received.contains("pin") && sent.contains("pin?: string"), "{node}");
    let python = text(&outputs, "types/shapes.py");
    let received = python.split_once("class Plain(Model)").unwrap().1;
    let received = received.split("\nclass ").next().unwrap();
    assert!(received.contains("seen_at: Field[_datetime | str | None]"), "{received}");
    assert!(!received.contains("pin") && received.contains("last: Field[str | None] = _field(8)"));
}

/// issue 14: what a value can be is typed in every language.
#[test]
fn unions_are_typed() {
    let provider = generator().provider(vendored("shapes")).unwrap();
    let untyped = provider.schemas.iter().flat_map(|schema| &schema.fields);
    let untyped: Vec<&str> = untyped
        .filter(|field| *field.ty.inner() == Type::Any)
        .map(|field| field.wire.as_str())
        .collect();
    assert!(untyped.is_empty(), "{untyped:?}");
    assert!(provider.operations.iter().all(|operation| operation.response != Type::Any));
    let union = |name: &str| provider.unions.iter().find(|known| known.pascal == name).unwrap();
    let members = |name: &str| -> Vec<&str> {
        union(name).members.iter().map(|member| member.variant.as_str()).collect()
    };
    assert_eq!(members("Source"), ["Card", "Bank"]);
    assert_eq!(union("Source").told(1), Some(("kind", "bank_account")));
    assert_eq!(members("ToldStep"), ["WaitStep", "PayStep"]);
    assert_eq!(union("ToldStep").told(0), Some(("type", "wait")));
    assert_eq!(members("AnyPet"), ["Pet", "Cat", "Dog", "Puppy"]);
    let discriminator = union("AnyPet").discriminator.as_ref().unwrap();
    assert_eq!((discriminator.other, union("AnyPet").told(3)), (Some(0), Some(("type", "Puppy"))));
    assert_eq!(members("FitId"), ["Text", "Integer"]);
    assert_eq!(members("FitOwner"), ["Person", "Company"]);
    assert!(union("FitOwner").discriminator.is_none());
    let fit = provider.schemas.iter().find(|schema| schema.pascal == "Fit").unwrap();
    let field = |wire: &str| fit.fields.iter().find(|field| field.wire == wire).unwrap();
    assert_eq!(field("same").ty, Type::Enum { name: "Color".into() });
    assert_eq!(field("either").ty, Type::Text);
    assert!(field("id").nullable && field("same").nullable && field("secret").sensitive);
    let outputs = outputs(provider);
    for (file, expected) in [
        (
            "shapes.d.cts",
            "type Source = (Card & { kind: 'card' }) | (Bank & { kind: 'bank_account' })",
        ),
        ("shapes.d.cts", "type SourceInput = (CardInput & { kind: 'card' })"),
        ("types/shapes.py", "Source: TypeAlias = Card | Bank | builtins.dict[str, Any]"),
        ("types/shapes.py", "SourceInput: TypeAlias = CardInput | Card | BankInput | Bank"),
        ("shapes/types.rs", "Bank(Box<BankInput>)"),
    ] {
        assert!(text(&outputs, file).contains(expected), "{file}: {expected}");
    }
}
