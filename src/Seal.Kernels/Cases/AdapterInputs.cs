namespace Seal.Kernels.Cases;

/// <summary>Adapters with random masters, ready to train, on two layers, so that offsets within the arena matter.</summary>
internal static class AdapterInputs
{
    public static AdapterSet Make(Trial trial, IReadOnlyList<LinearShape> targets, IReadOnlyList<AdapterShape> shapes)
    {
        AdapterSet set = trial.Own(new AdapterSet(trial.Operators, 2, targets, shapes));
        trial.Fill(set.Parameters, trial.Values("adapters", set.Elements, 0.125));
        for (int slot = 0; slot < set.Count; slot++)
            set.Publish(slot);
        set.PrepareTraining();
        return set;
    }
}
