using System.Xml.Linq;
using Seal.Kernels;
using Seal.Models.Formats;
using static Seal.Learning.Report.Markup;

namespace Seal.Learning.Report;

/// <summary>
/// A run's story as one HTML file: no script, nothing fetched (the page forbids it itself), charts as inline SVG beside tables of the same
/// numbers, light or dark as the reader has it, and as narrow as a phone.
/// </summary>
public static class HtmlReport
{
    /// <summary>Writes the page whole or not at all.</summary>
    /// <exception cref="SealException">It cannot be written there.</exception>
    public static void Write(string path, RunStory story) => AtomicFile.WriteText(path, Page(story));

    /// <summary>The page: HTML that is well-formed XML too.</summary>
    public static string Page(RunStory story) => Document(Tag("html", Set("lang", "en"),
        Tag("head",
            Tag("meta", Set("charset", "utf-8")),
            Tag("meta", Set("name", "viewport"), Set("content", "width=device-width, initial-scale=1")),
            Tag("meta", Set("http-equiv", "Content-Security-Policy"), Set("content", "default-src 'none'; style-src 'unsafe-inline'")),
            Tag("meta", Set("name", "color-scheme"), Set("content", "light dark")),
            Tag("title", story.Title),
            Tag("style", PageStyle.Css)),
        Tag("body",
            Tag("header",
                Tag("h1", story.Title),
                Styled("p", story.Finished ? "state" : "state unfinished", story.State),
                story.Lead.Select(paragraph => Tag("p", paragraph)),
                Tag("nav", Set("aria-label", "Sections"), Sections.Select(section => Tag("a", Set("href", $"#{section.Id}"), section.Name)))),
            Tag("main",
                ResultSection.Charts(story),
                ToldSection.Draw(story.Told),
                ExampleSection.Draw(story),
                ResultSection.Candidates(story),
                CostSection.Draw(story),
                Tag("section", Set("id", "environment"), Tag("h2", "Environment"), Facts("What computed and judged", story.Environment)),
                Tag("section", Set("id", "settings"), Tag("h2", "Settings"), Tag("details",
                    Tag("summary", $"{story.Settings.Count} settings, as `--set` names them"), Facts("Settings of the run", story.Settings)))))));

    private static readonly (string Id, string Name)[] Sections =
    [
        ("results", "Results"), ("examples", "Before and after"), ("candidates", "Self-edits"), ("cost", "Cost"), ("environment", "Environment"), ("settings", "Settings"),
    ];

    private static XElement Facts(string caption, IReadOnlyList<StoryFact> facts) =>
        DataTable.Draw(caption, ["name", "value"], 2, facts.Select(fact => new object[] { fact.Name, fact.Value }));
}
