using Seal.Learning.Worlds.Grids;

namespace Seal.Learning.Worlds;

/// <summary>What is learned where nobody says.</summary>
public static class EmbeddedDefaults
{
    /// <summary>The embedded model of the settings' domain where they name none, and its world where they name neither passages nor tasks.</summary>
    public static RunSettings OrEmbedded(this RunSettings settings)
    {
        Bottle bottle = settings.FewShot is null ? Bottle.Passages : Bottle.Grids;
        settings = settings with { Model = settings.Model.Length > 0 ? settings.Model : bottle.Model };
        return settings.FewShot is { } own
            ? settings with { FewShot = own with { Tasks = own.Tasks.Length > 0 ? own.Tasks : GridTasks.Learning } }
            : settings with { Passages = settings.Passages.Length > 0 ? settings.Passages : WorldPassages.Learning };
    }
}
