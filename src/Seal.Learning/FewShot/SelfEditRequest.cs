using System.Text;

namespace Seal.Learning.FewShot;

/// <summary>Asks a model for a self-edit: the demonstrations of a task, never its tests, and the choices there are. Published, byte for byte, but for the short form.</summary>
public static class SelfEditRequest
{
    /// <summary>System turn.</summary>
    public const string System = "You are a helpful assistant that provide the correct output for the given task immediately.";

    private const string Instruction = """

        You are configuring a model training pipeline by selecting from predefined tools.

        You must make two decisions:

        1. **Data Generation Tools** — For each of the following, choose true or false:
            - use_basic_augmentations
            - use_size_augmentations
            - use_chain_augmentations
            - use_repeat_augmentations

        2. **Training Configuration** — Choose one of:
            - "train_using_all_tokens"
            - "train_using_output_tokens"

        Also specify:
            - learning_rate (float)
            - num_train_epochs (integer)

        ### Output Format

        Respond with a valid JSON object. Do not include any explanation, markdown, or extra text. Use lowercase `true`/`false` for booleans and ensure correct JSON syntax.

        Example output:

        {
          "data_generation": {
            "use_basic_augmentations": ...,
            "use_size_augmentations": ...,
            "use_chain_augmentations": ...,
            "use_repeat_augmentations": ...
          },
          "training": {
            "strategy": ...,
            "learning_rate": ...,
            "num_train_epochs": ...
          }
        }

        """;

    /// <summary>User turn.</summary>
    public static string User(IReadOnlyList<Pair> demonstrations)
    {
        var text = new StringBuilder();
        foreach (Pair pair in demonstrations)
        {
            text.Append("Input:\n");
            Rows(text, pair.Input);
            text.Append("\nOutput:\n");
            Rows(text, pair.Output);
            text.Append("\n\n");
        }
        return text.Append("------\n\n").Append(Instruction.ReplaceLineEndings("\n")).ToString();
    }

    /// <summary>The whole as the published program builds it by hand for Llama 3, with an open assistant turn.</summary>
    public static string Llama3(IReadOnlyList<Pair> demonstrations) =>
        $"<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\n{System}<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n{User(demonstrations)}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n";

    /// <summary>The demonstrations in the short form and nothing but a word, for a model that was made to know what is asked.</summary>
    public static string Short(IReadOnlyList<Pair> demonstrations) => TaskText.System(demonstrations, GridForm.Digits) + "configuration:\n";

    private static void Rows(StringBuilder text, Grid grid)
    {
        for (int r = 0; r < grid.Rows; r++)
            text.Append(r == 0 ? "" : "\n").AppendJoin(' ', grid.Row(r).ToArray());
    }
}
