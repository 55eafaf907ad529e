using Seal.Learning.Worlds;
using Seal.Models.Formats;

namespace Seal.Learning;

/// <summary>Settings that come with a model: a small one wants other learning rates than a large one.</summary>
public static class ModelSettings
{
    /// <summary>The defaults, with what the model's file says laid over them.</summary>
    /// <param name="model">A name or path; nothing is laid over where there is no such file, or where its settings are for the other domain.</param>
    /// <exception cref="Kernels.SealException">The file cannot be used, or its settings cannot.</exception>
    public static RunSettings Of(string model, RunSettings defaults)
    {
        string path = Bottle.PathOf(model);
        if (!File.Exists(path)) // a folder brings no settings, and what is not there is somebody else's error
            return defaults;
        using ModelFile file = ModelFile.Open(path);
        if (file.Settings is not { } text)
            return defaults;
        string source = $"{path}, {GgufModel.SettingsKey}";
        bool forTasks = SettingsText.Merge(new RunSettings(), text, source).FewShot is not null;
        return forTasks == defaults.FewShot is not null ? SettingsText.Merge(defaults, text, source) : defaults;
    }
}
