using FedQueue.Worker.Training;

namespace FedQueue.Worker.Tests.Training;

public sealed class TorchLibraryTests
{
    [Fact]
    public void A_library_that_is_too_old_is_named_with_the_remedy()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, "\0GLIBCXX_3.4.30\0GLIBCXX_3.4.3\0");

        var problem = TorchLibrary.ProblemOf(path);

        Assert.Contains(path, problem, StringComparison.Ordinal);
        Assert.Contains("GLIBCXX_3.4.32", problem, StringComparison.Ordinal);
        Assert.Contains("Ubuntu 24.04", problem, StringComparison.Ordinal);
        File.Delete(path);
    }

    [Fact]
    public void A_library_that_is_new_enough_is_no_problem()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, "\0GLIBCXX_3.4.30\0GLIBCXX_3.4.32\0");

        Assert.Null(TorchLibrary.ProblemOf(path));
        File.Delete(path);
    }
}
