using System.Text;

namespace Seal.Learning.FewShot;

/// <summary>A task as the model is shown it, in the published format: demonstrations in the system turn, an input in the user's, its output the answer.</summary>
public static class TaskText
{
    /// <summary>Ends every output.</summary>
    public const string End = "#";

    private const string Instruction =
        "Figure out the underlying transformation in the following examples and apply it to the test case. Here are some examples from this transformation, your answer must follow the format.\nThe input-output grids are provided as python arrays:\n";

    public static string System(IReadOnlyList<Pair> demonstrations)
    {
        var text = new StringBuilder(Instruction);
        foreach (Pair pair in demonstrations)
            text.Append(GridText.Write(pair.Input)).Append(" -> ").Append(GridText.Write(pair.Output)).Append(End).Append('\n');
        return text.ToString();
    }

    public static string User(Grid input) => $"{GridText.Write(input)} -> ";

    public static string Answer(Grid output) => GridText.Write(output) + End;
}
