using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Seal.Learning.Report;

/// <summary>
/// HTML as a tree, written so that it is XML too. Text enters it as text, so nothing that a model wrote can become an element.
/// </summary>
internal static class Markup
{
    private static readonly HashSet<string> s_void = ["meta", "br", "hr"];
    private static readonly HashSet<string> s_endsLine = ["section", "p", "tr", "li", "h1", "h2", "h3", "style", "head"];

    public static XElement Tag(string name, params object?[] content) => new(name, content);

    /// <summary>An element with a class.</summary>
    public static XElement Styled(string name, string styleClass, params object?[] content) => new(name, new XAttribute("class", styleClass), content);

    public static XAttribute Set(string name, object value) => new(name, value);

    /// <summary>Text whose lines and spaces are kept, e.g. a self-edit; it never widens the page.</summary>
    public static XElement Verbatim(string text, string ifEmpty) => text.Length > 0
        ? Styled("div", "text", Set("dir", "auto"), text)
        : Styled("div", "text nothing", ifEmpty);

    /// <summary>The whole document.</summary>
    public static string Document(XElement html)
    {
        foreach (XElement element in html.DescendantsAndSelf().ToList())
        {
            // To a browser <td/> opens a cell: only HTML's own empty elements may close themselves.
            if (element.IsEmpty && !s_void.Contains(element.Name.LocalName))
                element.Value = "";
            foreach (XAttribute attribute in element.Attributes())
                attribute.Value = Legal(attribute.Value);
        }
        foreach (XText text in html.DescendantNodes().OfType<XText>())
            text.Value = Legal(text.Value);
        foreach (XElement element in html.Descendants().Where(element => s_endsLine.Contains(element.Name.LocalName)).ToList())
            element.AddAfterSelf("\n");
        return $"<!DOCTYPE html>\n{html.ToString(SaveOptions.DisableFormatting)}\n";
    }

    /// <summary>A model may write any character; a document may not hold some control characters and halves of surrogate pairs.</summary>
    private static string Legal(string text)
    {
        text = text.ReplaceLineEndings("\n");
        var legal = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]))
                legal.Append(text[i]).Append(text[++i]);
            else
                legal.Append(XmlConvert.IsXmlChar(text[i]) ? text[i] : '\uFFFD');
        }
        return legal.ToString();
    }
}
