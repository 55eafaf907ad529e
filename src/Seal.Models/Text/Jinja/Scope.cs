namespace Seal.Models.Text.Jinja;

/// <summary>Names of a loop's pass, a macro's call or a block, over those around it. Assigning never reaches outside.</summary>
internal sealed class Scope(Scope? parent)
{
    private readonly Dictionary<string, object?> _values = [];

    public void Set(string name, object? value) => _values[name] = value;

    public bool TryGet(string name, out object? value)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Outer)
            if (scope._values.TryGetValue(name, out value))
                return true;
        value = null;
        return false;
    }

    private Scope? Outer => parent;
}
