using System.Security.Cryptography;
using System.Text.Json;
using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>The weights of a Hugging Face folder: model.safetensors, or the shards that model.safetensors.index.json names.</summary>
internal sealed class SafetensorsShards : IDisposable
{
    private const string WholeName = "model.safetensors";
    private const string IndexName = "model.safetensors.index.json";

    private readonly List<SafetensorsFile> files = [];
    private readonly Dictionary<string, StoredTensor> tensors = [];

    private SafetensorsShards()
    {
    }

    public IReadOnlyDictionary<string, StoredTensor> Tensors => tensors;

    /// <exception cref="SealException">A file is missing or out of the format, or index and shards do not name the same tensors.</exception>
    public static SafetensorsShards Open(string folder)
    {
        SafetensorsShards shards = new();
        try
        {
            string whole = Path.Combine(folder, WholeName), index = Path.Combine(folder, IndexName);
            if (File.Exists(whole)) shards.Add(whole);
            else if (File.Exists(index)) shards.AddIndexed(folder, index);
            else throw new SealException($"{folder}: neither {WholeName} nor {IndexName} in it{Hint(folder)}");
            return shards;
        }
        catch
        {
            shards.Dispose();
            throw;
        }
    }

    public void AppendTo(IncrementalHash hash)
    {
        foreach (SafetensorsFile file in files) file.AppendTo(hash);
    }

    public void Dispose()
    {
        foreach (SafetensorsFile file in files) file.Dispose();
    }

    private void Add(string path)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        files.Add(file);
        foreach ((string name, StoredTensor tensor) in file.Tensors)
        {
            if (!tensors.TryAdd(name, tensor)) throw new SealException($"{path}: tensor '{name}' is in an earlier shard too");
        }
    }

    private void AddIndexed(string folder, string index)
    {
        JsonFields map = JsonFields.Read(index).Object("weight_map") ?? throw new SealException($"{index}: 'weight_map' is missing, expected an object");
        SortedDictionary<string, List<string>> namesByShard = new(StringComparer.Ordinal);
        foreach ((string name, JsonElement value) in map.Members())
        {
            string shard = map.TextOf(name, value);
            if (shard != Path.GetFileName(shard) || !shard.EndsWith(".safetensors", StringComparison.Ordinal))
                throw map.Error(name, $"is '{shard}', expected the name of a .safetensors file in the same folder");
            if (!namesByShard.TryGetValue(shard, out List<string>? names)) namesByShard[shard] = names = [];
            names.Add(name);
        }
        foreach ((string shard, List<string> names) in namesByShard)
        {
            Add(Path.Combine(folder, shard));
            IReadOnlyDictionary<string, StoredTensor> found = files[^1].Tensors;
            if (names.Find(name => !found.ContainsKey(name)) is { } missing) throw map.Error(missing, $"is said to be in {shard}, which has no such tensor");
            if (found.Count != names.Count) throw new SealException($"{index}: names {names.Count} tensors in {shard}, which has {found.Count}");
        }
    }

    private static string Hint(string folder)
    {
        if (Directory.EnumerateFiles(folder, "pytorch_model*.bin").Any()) return "; its weights are pickled (pytorch_model.bin): save the model as safetensors first";
        return Directory.EnumerateFiles(folder, "*.gguf").FirstOrDefault() is { } gguf ? $"; to use {gguf}, name that file" : "";
    }
}
