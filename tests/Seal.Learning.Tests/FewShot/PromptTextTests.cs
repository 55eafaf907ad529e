using Seal.Learning.FewShot;

namespace Seal.Learning.Tests.FewShot;

public sealed class PromptTextTests
{
    private static readonly Pair[] s_pairs = [new(Arc.G("01 23"), Arc.G("4")), new(Arc.G("5"), Arc.G("67"))];

    [Test]
    public void A_task_reads_so()
    {
        Assert.That(TaskText.System(s_pairs), Is.EqualTo(
            "Figure out the underlying transformation in the following examples and apply it to the test case. Here are some examples from this transformation, your answer must follow the format.\n"
            + "The input-output grids are provided as python arrays:\n[[0 1]\n [2 3]] -> [[4]]#\n[[5]] -> [[6 7]]#\n"));
        Assert.That(TaskText.User(Arc.G("89")), Is.EqualTo("[[8 9]] -> "));
        Assert.That(TaskText.Answer(Arc.G("89")), Is.EqualTo("[[8 9]]#"));
    }

    [Test]
    public void A_self_edit_is_asked_for_so()
    {
        string user = SelfEditRequest.User(s_pairs);
        Assert.That(user, Does.StartWith("Input:\n0 1\n2 3\nOutput:\n4\n\nInput:\n5\nOutput:\n6 7\n\n------\n\n\nYou are configuring a model training pipeline by selecting from predefined tools.\n\nYou must make two decisions:\n"));
        Assert.That(user, Does.EndWith("    \"num_train_epochs\": ...\n  }\n}\n"));
        Assert.That(user, Does.Contain("1. **Data Generation Tools** — For each of the following, choose true or false:\n    - use_basic_augmentations\n"));
        Assert.That(SelfEditRequest.Llama3(s_pairs), Is.EqualTo(
            "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nYou are a helpful assistant that provide the correct output for the given task immediately.<|eot_id|>"
            + $"<|start_header_id|>user<|end_header_id|>\n\n{user}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"));
    }

    [Test]
    public void No_test_of_a_task_is_shown()
    {
        foreach (ArcTask task in Arc.Filtered())
            Assert.That(SelfEditRequest.User(task.Demonstrations).Split("Input:").Length - 1, Is.EqualTo(task.Demonstrations.Count));
    }
}
