using System.Text;

namespace Seal.Learning.FewShot;

/// <summary>
/// A task as the model is shown it. In the published form: demonstrations behind an instruction in the system turn, an input in the user's, its
/// output the answer. In the short form the same without words: <c>012\n345>678#</c>.
/// </summary>
public static class TaskText
{
    /// <summary>Ends every output.</summary>
    public const string End = "#";

    private const string Instruction =
        "Figure out the underlying transformation in the following examples and apply it to the test case. Here are some examples from this transformation, your answer must follow the format.\nThe input-output grids are provided as python arrays:\n";

    public static string System(IReadOnlyList<Pair> demonstrations, GridForm form = GridForm.Numpy)
    {
        var text = new StringBuilder(form == GridForm.Numpy ? Instruction : "");
        foreach (Pair pair in demonstrations)
            text.Append(User(pair.Input, form)).Append(Answer(pair.Output, form)).Append('\n');
        return text.ToString();
    }

    public static string User(Grid input, GridForm form = GridForm.Numpy) => GridText.Write(input, form) + (form == GridForm.Numpy ? " -> " : ">");

    public static string Answer(Grid output, GridForm form = GridForm.Numpy) => GridText.Write(output, form) + End;
}
