namespace Seal.Learning.Knowledge;

/// <summary>The ChatML text of the published instruct prompts. A model's own template, where it has one, is rendered elsewhere.</summary>
internal static class ChatMl
{
    public static string Render(string system, string user) =>
        $"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n";
}
