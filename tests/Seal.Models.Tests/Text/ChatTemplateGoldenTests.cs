using System.Text.Json;
using Seal.Kernels;
using Seal.Models.Text;

namespace Seal.Models.Tests.Text;

public class ChatTemplateGoldenTests
{
    [TestCase("chat-chatml")]
    [TestCase("chat-headers")]
    [TestCase("chat-namespaced")]
    public void Text_and_errors_are_those_of_Hugging_Face(string folder)
    {
        JsonElement golden = Golden.Read(folder);
        ChatTemplate template = ChatTemplate.Parse(golden.GetProperty("chat_template").GetString()!, folder);
        Assert.That(golden.GetProperty("chat").GetArrayLength(), Is.GreaterThan(4));
        Assert.Multiple(() =>
        {
            foreach (JsonElement chat in golden.GetProperty("chat").EnumerateArray())
            {
                Dictionary<string, object?> variables = chat.EnumerateObject()
                    .Where(field => field.Name is not ("text" or "error"))
                    .ToDictionary(field => field.Name, field => (object?)field.Value);
                if (chat.TryGetProperty("error", out JsonElement error))
                    Assert.That(() => template.Render(variables), Throws.TypeOf<SealException>().With.Message.EndsWith(": " + error.GetString()));
                else
                    Assert.That(template.Render(variables), Is.EqualTo(chat.GetProperty("text").GetString()));
            }
        });
    }
}
