//! On the site a call is shown in one language at a time, which the reader chooses: the reference has a table with all of them.

/// The rule below the head of a table.
const RULE: &str = "| ---";

/// Makes a group of blocks out of each table of calls.
pub fn of_calls(text: &str) -> String {
    let mut shown = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if !line.starts_with("| | call |") || lines.next_if(|line| line.starts_with(RULE)).is_none()
        {
            shown += &format!("{line}\n");
            continue;
        }
        shown += "::: code-group\n";
        while let Some(row) = lines.next_if(|line| line.starts_with('|')) {
            let cells = cells(row);
            let cell = |index: usize| cells.get(index).map_or("", String::as_str);
            let (mark, comment) = match cell(0) {
                "Python" => ("python", "#"),
                "Node" => ("ts", "//"),
                _ => ("rust", "//"),
            };
            shown += &format!("\n```{mark} [{}]\n{}\n", cell(0), cell(1));
            if !cell(2).is_empty() {
                shown += &format!("{comment} returns {}\n", cell(2));
            }
            shown += "```\n";
        }
        shown += "\n:::\n";
    }
    shown
}

/// The texts of a row, without the marks of code.
fn cells(row: &str) -> Vec<String> {
    // A bar within a cell is written `\|`.
    let row = row.replace("\\|", "\u{0}");
    let cells = row.trim_matches('|').split('|');
    cells.map(|cell| cell.trim().trim_matches('`').replace('\u{0}', "|")).collect()
}

#[cfg(test)]
mod tests {
    use super::of_calls;

    #[test]
    fn a_table_of_calls_is_a_group_and_other_tables_stay() {
        let text = "a\n\n| | call | returns |\n| --- | --- | --- |\n| Rust | `client.a().b(c)` | `Option<D>` |\n\
                    | Python | `client.a.b(c)` | `D \\| None` |\n| Node | `client.a.b(c)` | `D \\| null` |\n\n\
                    | field | meaning |\n| --- | --- |\n| `e` | f |\n";
        let wanted = "a\n\n::: code-group\n\n```rust [Rust]\nclient.a().b(c)\n// returns Option<D>\n```\n\n\
                      ```python [Python]\nclient.a.b(c)\n# returns D | None\n```\n\n\
                      ```ts [Node]\nclient.a.b(c)\n// returns D | null\n```\n\n:::\n\n\
                      | field | meaning |\n| --- | --- |\n| `e` | f |\n";
        assert_eq!(of_calls(text), wanted);
    }
}
