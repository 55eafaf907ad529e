using System.Text.Json;
using Seal.Tests;

namespace Seal.Models.Tests.Text;

/// <summary>The sections <c>tokenizer</c> and <c>chat</c> of the goldens.</summary>
internal static class Golden
{
    public static JsonElement Read(string folder) =>
        JsonDocument.Parse(File.ReadAllText(SharedFolder.Require("goldens", folder, "golden.json"))).RootElement;

    public static string TokenizerJson(string folder) => File.ReadAllText(SharedFolder.Require("goldens", folder, "tokenizer.json"));
}
